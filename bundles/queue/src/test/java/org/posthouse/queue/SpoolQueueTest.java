// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Event;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

@Timeout(60)
class SpoolQueueTest {
    /** Stops couriers before or after intent until they are let go. */
    private static final class Gate implements Script {
        final CountDownLatch before = new CountDownLatch(1);
        final CountDownLatch inTransit = new CountDownLatch(1);
        volatile boolean atGate;
        volatile boolean past;
        volatile End end = End.DELIVER;

        @Override
        public boolean before(Lane lane, Parcel parcel) throws InterruptedException {
            atGate = true;
            before.await();
            return true;
        }

        @Override
        public void inTransit(Parcel parcel) throws InterruptedException {
            past = true;
            inTransit.await();
        }

        @Override
        public End end(Parcel parcel, int recipient) {
            return end;
        }
    }

    @Test
    void whatIsHeldBeforeItsIntentIsNotSent() throws Exception {
        Gate gate = new Gate();
        try (House house = House.open()) {
            house.script = gate;
            MessageId id = house.accept("a@one.example");
            await("the courier has it", () -> gate.atGate);
            assertEquals(1, house.queue.hold(id, "looks odd", "op"));
            gate.before.countDown();
            await("it was given back", () -> house.depot.flights().count() == 0);
            assertFalse(gate.past);
            assertEquals(State.HELD, house.state(id, 0));
            assertEquals(List.of(), house.spool.index());
            assertEquals(
                    "looks odd",
                    house.queue.show(id).orElseThrow().progress().get(0).reply());
            gate.inTransit.countDown();
            assertEquals(1, house.queue.release(id, "op"));
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
            assertEquals(
                    List.of("hold", "release"),
                    house.events.stream()
                            .filter(e -> e.type() == Event.Type.ADMIN)
                            .map(e -> e.facts().get("action"))
                            .toList());
        }
    }

    @Test
    void whatIsInTransitEndsAsItEndsAndIsHeldOtherwise() {
        for (End end : List.of(End.DELIVER, End.DEFER)) {
            Gate gate = new Gate();
            try (House house = House.open()) {
                house.script = gate;
                gate.before.countDown();
                gate.end = end;
                MessageId id = house.accept("a@one.example");
                await("it is in transit", () -> gate.past);
                assertEquals(1, hold(house, id));
                gate.inTransit.countDown();
                house.quiet();
                assertEquals(end == End.DELIVER ? null : State.HELD, house.state(id, 0));
                assertEquals(List.of(), house.spool.inconsistencies());
                assertEquals(List.of(), house.spool.index());
            }
        }
    }

    private static int hold(House house, MessageId id) {
        try {
            return house.queue.hold(id, "", "op");
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void deletesWhatWaitsAndWhatIsOnItsWay() throws Exception {
        Gate gate = new Gate();
        try (House house = House.open()) {
            house.script = gate;
            gate.before.countDown();
            MessageId id = house.accept("a@one.example", "b@one.example");
            await("it is in transit", () -> gate.past);
            assertEquals(2, house.queue.delete(id, false, "op"));
            assertEquals(0, house.queue.delete(id, false, "op"));
            assertNotNull(house.state(id, 0), "the courier still reads the body");
            FakeSpool killed = house.spool.afterKill();
            gate.inTransit.countDown();
            house.awaitEmpty();
            try (House next = House.open(killed, House.QUICK)) {
                next.awaitEmpty();
                assertEquals(0, next.deliveries());
            }
        }
    }

    @Test
    void deletesWithANoticeThatIsDelivered() throws Exception {
        try (House house = House.open()) {
            house.script = (parcel, r) -> parcel.site().name().equals("one.example") ? End.DEFER : End.DELIVER;
            MessageId id = house.accept("a@one.example");
            await("it was tried", () -> house.state(id, 0) == State.DEFERRED);
            assertEquals(1, house.queue.delete(id, true, "op"));
            house.awaitEmpty();
            assertEquals(1, house.notices.size());
            assertEquals(1, house.delivered.get(house.notices.peek() + "/0").get());
        }
    }

    @Test
    void retryMakesDueAtOnceAndIgnoresThePauseOfTheSite() throws Exception {
        try (House house = House.open()) {
            house.giveBackFor = Duration.ofHours(1);
            house.script = new Script() {
                @Override
                public boolean before(Lane lane, Parcel parcel) {
                    lane.unreachable(Duration.ofHours(1), "refused");
                    return false;
                }

                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }
            };
            MessageId id = house.accept("a@one.example");
            await(
                    "it was given back",
                    () -> house.carried.size() == 1 && house.depot.flights().count() == 0);
            assertTrue(house.queue.sites().get(0).pause().contains("refused"));
            house.script = House.DELIVER;
            assertEquals(1, house.queue.retry(id, "op"));
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void listsByFilterPageByPage() throws Exception {
        House house = new House(new FakeSpool(), House.QUICK);
        for (int i = 0; i < 600; i++) {
            house.accept("bob" + i % 10 + "@one.example");
        }
        MessageId held = house.accept("carol@two.example");
        house.queue.hold(held, "", "op");
        List<MessageId> seen = new ArrayList<>();
        MessageId cursor = null;
        do {
            Queue.Page page = house.queue.list(Queue.Filter.ALL, cursor, 100);
            page.messages().forEach(m -> seen.add(m.envelope().id()));
            cursor = page.next();
        } while (cursor != null);
        assertEquals(601, seen.size());
        assertEquals(seen.stream().sorted().distinct().toList(), seen);
        Queue.Page bobs = house.queue.list(new Queue.Filter(null, "ALICE", "bob3@"), null, 1000);
        assertEquals(60, bobs.messages().size());
        assertNull(bobs.next());
        Queue.Page heldOnes = house.queue.list(new Queue.Filter(State.HELD, "", ""), null, 10);
        assertEquals(held, heldOnes.messages().get(0).envelope().id());
        assertEquals(601, house.queue.counts().messages());
        house.close();
    }

    @Test
    void saysNothingChangedForAMessageThatIsGone() throws Exception {
        try (House house = House.open()) {
            assertEquals(0, house.queue.hold(MessageId.next(), "", "op"));
            assertEquals(0, house.queue.delete(MessageId.next(), true, "op"));
            house.quiet();
        }
    }

    @Test
    void tellsTheSenderOnceOfADelay() {
        Settings s = House.QUICK;
        Settings warning =
                new Settings(s.retry(), s.expire(), 200, 20, 100, Duration.ofHours(4), s.maxMessages(), s.maxOctets());
        try (House house = House.open(new FakeSpool(), warning)) {
            house.script = (parcel, r) -> parcel.site().name().equals("one.example") ? End.DEFER : End.DELIVER;
            house.accept("a@one.example");
            await("it was tried", () -> house.carried.size() > 2);
            assertEquals(0, house.notices.size());
            house.pass(Duration.ofHours(5));
            int before = house.carried.size();
            await("it was tried more", () -> house.carried.size() > before + 5);
            assertEquals(1, house.notices.size());
        }
    }
}
