// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Route;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;

class TurnsTest {
    private final Turns turns = new Turns();

    private void add(String tenant, int priority) {
        Envelope plain = House.envelope(MessageId.next(), Address.NULL, List.of("a@one.example"));
        Envelope e = new Envelope(
                plain.id(),
                plain.received(),
                plain.origin(),
                plain.sender(),
                plain.recipients(),
                new Envelope.Routing(tenant, "", priority, List.of(), ""),
                "",
                "",
                false,
                plain.body(),
                plain.notes(),
                "");
        turns.add(new Parcel(
                new Spool.Stored(e, List.of()),
                new Planner.Site("s", "s"),
                new Route("smtp", "mx", "one.example", "t"),
                List.of(0)));
    }

    private List<String> order() {
        List<String> order = new ArrayList<>();
        for (Parcel p = turns.poll(); p != null; p = turns.poll()) {
            var routing = p.message().envelope().routing();
            order.add(routing.tenant() + routing.priority());
        }
        return order;
    }

    @Test
    void handsOutTenantByTenant() {
        for (int i = 0; i < 4; i++) {
            add("loud", 0);
        }
        add("soft", 0);
        assertEquals(5, turns.size());
        assertEquals(List.of("loud0", "soft0", "loud0", "loud0", "loud0"), order());
        assertNull(turns.poll());
        assertEquals(0, turns.size());
    }

    @Test
    void prefersUrgentMailAndStarvesNone() {
        for (int i = 0; i < 8; i++) {
            add("t", 5);
            add("t", 0);
            add("t", -5);
        }
        assertEquals(List.of("t5", "t0", "t5", "t0", "t5", "t0", "t5", "t-5"), order().subList(0, 8));
    }
}
