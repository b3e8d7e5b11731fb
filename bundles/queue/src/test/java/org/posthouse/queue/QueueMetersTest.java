// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.posthouse.queue.House.End;

class QueueMetersTest {
    @Test
    void showsWhatWaitsAndForHowLong() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (House house = House.open()) {
            QueueMeters meters = new QueueMeters(registry, house.depot, house.scheduler);
            house.script = (parcel, r) -> End.DEFER;
            house.accept("a@one.example", "b@one.example");
            House.await("it was tried", () -> house.carried.size() > 1);
            assertEquals(1, registry.get("posthouse.queue.messages").gauge().value());
            House.await(
                    "both are deferred",
                    () -> registry.get("posthouse.queue.recipients")
                                    .tag("state", "deferred")
                                    .gauge()
                                    .value()
                            == 2);
            house.script = House.DELIVER;
            house.pass(Duration.ofMinutes(1));
            house.awaitEmpty();
            assertEquals(
                    0,
                    registry.get("posthouse.queue.oldest.due.age.seconds")
                            .gauge()
                            .value());
            assertTrue(registry.get("posthouse.queue.scans").functionCounter().count() > 0);
            meters.close();
            assertEquals(0, registry.getMeters().size());
        }
    }
}
