// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.posthouse.telemetry.spi.HealthSource.Health;

final class ListenersTest {
    private final Listeners listeners = new Listeners(() -> Set.of("mx", "feeder"));

    @Test
    void areReadyWhenEachConfiguredOneIsOpen() {
        listeners.opened("mx");
        assertEquals(new Health(true, false, "Listener feeder is not open"), listeners.health());
        listeners.opened("feeder");
        assertEquals(Health.GOOD, listeners.health());
        listeners.closed("mx");
        assertEquals(new Health(true, false, "Listener mx is not open"), listeners.health());
    }

    @Test
    void sayWhyOneIsNotOpen() {
        listeners.opened("mx");
        listeners.failed("feeder", "Address in use");
        assertEquals("Address in use", listeners.health().detail());
        listeners.opened("feeder");
        assertEquals(Health.GOOD, listeners.health());
    }

    @Test
    void areNotReadyWhileNoneIsKnown() {
        assertFalse(new Listeners(() -> Set.of()).health().ready());
        Listeners unknown = new Listeners(() -> {
            throw new IOException("gone");
        });
        assertFalse(unknown.health().ready());
    }
}
