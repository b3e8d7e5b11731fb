// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.queue.spi.Drain;
import org.posthouse.queue.spi.Inlet;
import org.posthouse.spool.spi.State;

@Timeout(60)
class DrainageTest {
    private final House house = House.open();
    private final Drainage drainage = new Drainage(house.depot, house.events::add);
    private final Door door = new Door();

    /** A port with some clients. */
    private static final class Door implements Inlet {
        final AtomicInteger clients = new AtomicInteger();
        volatile boolean shut;

        @Override
        public void shut() {
            shut = true;
        }

        @Override
        public void reopen() {
            shut = false;
        }

        @Override
        public int clients() {
            return clients.get();
        }
    }

    @AfterEach
    void close() {
        drainage.stop();
        house.close();
    }

    private long said(String action) {
        return house.events.stream()
                .filter(e -> action.equals(e.facts().get("action")))
                .count();
    }

    @Test
    void takesNoNewMailAndIsNotReady() {
        drainage.addInlet(door);
        assertTrue(house.intake.readiness().open());
        drainage.begin("tester");
        assertTrue(door.shut);
        assertFalse(house.intake.readiness().open());
        assertFalse(drainage.health().ready());
        assertTrue(drainage.health().alive());
        House.await("it is drained", () -> drainage.progress().phase() == Drain.Phase.DRAINED);
        House.await("it is said", () -> said("drained") == 1);

        drainage.end("tester");
        assertFalse(door.shut);
        assertTrue(house.intake.readiness().open());
        assertTrue(drainage.health().ready());
        assertEquals(Drain.Phase.OPEN, drainage.progress().phase());
    }

    @Test
    void shutsAnInletThatComesLater() {
        drainage.begin("tester");
        drainage.addInlet(door);
        assertTrue(door.shut);
    }

    @Test
    void waitsForClientsThatEndTheirTransaction() {
        door.clients.set(1);
        drainage.addInlet(door);
        drainage.begin("tester");
        assertEquals(
                List.of("Clients that end their transaction: 1"),
                drainage.progress().left());
        // What is open is still taken.
        house.accept("bob@one.example");
        door.clients.set(0);
        House.await("it is drained", () -> drainage.progress().phase() == Drain.Phase.DRAINED);
        assertEquals(1, house.spool.messages());
    }

    @Test
    void beginsNoDeliveryAndEndsThoseThatHaveBegun() {
        CountDownLatch dot = new CountDownLatch(1);
        house.script = House.deliverAfter(dot);
        var first = house.accept("bob@one.example");
        House.await("it is on its way", () -> house.state(first, 0) == State.IN_TRANSIT);
        drainage.begin("tester");
        house.accept("carol@two.example");
        assertEquals(Drain.Phase.DRAINING, drainage.progress().phase());
        dot.countDown();
        House.await("it is drained", () -> drainage.progress().phase() == Drain.Phase.DRAINED);
        assertEquals(1, house.deliveries());
        assertEquals(1, house.spool.messages());

        drainage.end("tester");
        house.awaitEmpty();
        assertEquals(2, house.deliveries());
    }
}
