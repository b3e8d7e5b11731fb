// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.posthouse.telemetry.health.Probe.Page;
import org.posthouse.telemetry.spi.HealthSource;
import org.posthouse.telemetry.spi.HealthSource.Health;

class ProbeTest {
    private record Part(String name, Supplier<Health> answer) implements HealthSource {
        @Override
        public Health health() {
            return answer.get();
        }
    }

    private static HealthSource part(String name, Health health) {
        return new Part(name, () -> health);
    }

    @Test
    void allWellIs200() {
        Page page = Probe.ready(List.of(part("spool", Health.GOOD), part("smtp", Health.GOOD)));
        assertEquals(200, page.status());
        assertEquals(
                "{\"status\":\"up\",\"parts\":{\"smtp\":{\"alive\":true,\"ready\":true,\"detail\":\"\"},"
                        + "\"spool\":{\"alive\":true,\"ready\":true,\"detail\":\"\"}}}\n",
                page.body());
    }

    @Test
    void aPartThatIsNotReadyTurnsReadyRedButNotHealth() {
        List<HealthSource> sources = List.of(part("spool", new Health(true, false, "disk \"full\"")));
        assertEquals(503, Probe.ready(sources).status());
        assertEquals(200, Probe.health(sources).status());
        assertEquals(
                "{\"status\":\"down\",\"parts\":{\"spool\":{\"alive\":true,\"ready\":false,"
                        + "\"detail\":\"disk \\\"full\\\"\"}}}\n",
                Probe.ready(sources).body());
    }

    @Test
    void aDeadPartTurnsHealthRed() {
        assertEquals(
                503,
                Probe.health(List.of(part("spool", new Health(false, false, "gone"))))
                        .status());
    }

    @Test
    void nobodyIsReadyBeforeSomePartSaysSo() {
        assertEquals(503, Probe.ready(List.of()).status());
        assertEquals(200, Probe.health(List.of()).status());
    }

    @Test
    void aPartThatThrowsIsNotReady() {
        HealthSource broken = new Part("queue", () -> {
            throw new IllegalStateException("closed");
        });
        assertEquals(503, Probe.ready(List.of(broken)).status());
        assertEquals(200, Probe.health(List.of(broken)).status());
    }
}
