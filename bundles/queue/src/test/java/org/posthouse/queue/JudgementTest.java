// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.Reply;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

@Timeout(60)
class JudgementTest {
    private static final Decision DEFER =
            new Decision(Decision.Action.REFUSE, new Reply(451, "4.3.0", "not now"), "hook", "");

    private static MessageId notice(House house, String... recipients) {
        MessageId id = MessageId.next();
        return house.accept(new Sealed.Admission(
                House.envelope(id, Address.of("alice@example.org"), List.of(recipients)),
                State.UNJUDGED,
                house.depot.now()));
    }

    @Test
    void asksOnceAndThenDelivers() {
        AtomicInteger asked = new AtomicInteger();
        try (House house = House.open()) {
            house.judge = message -> {
                asked.incrementAndGet();
                return House.pass(message);
            };
            notice(house, "a@one.example", "b@two.example");
            house.awaitEmpty();
            assertEquals(2, house.deliveries());
            assertEquals(1, asked.get());
        }
    }

    @Test
    void asksAgainAfterDeferAndFailure() {
        AtomicInteger asked = new AtomicInteger();
        try (House house = House.open()) {
            house.judge = message -> switch (asked.incrementAndGet()) {
                case 1 -> new Sealed(DEFER, List.of());
                case 2 -> throw new IllegalStateException("hook broke");
                default -> House.pass(message);
            };
            notice(house, "a@one.example");
            house.awaitEmpty();
            assertEquals(3, asked.get());
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void givesUpWhatIsNeverJudged() {
        try (House house = House.open()) {
            house.judge = message -> new Sealed(DEFER, List.of());
            MessageId id = notice(house, "a@one.example");
            await("it was asked about", () -> house.attempts(id) > 0);
            house.pass(Duration.ofDays(6));
            house.awaitEmpty();
            assertEquals(0, house.carried.size());
        }
    }

    @Test
    void throwsAwayWhatIsDiscarded() {
        try (House house = House.open()) {
            house.judge = message -> new Sealed(new Decision(Decision.Action.DISCARD, null, "hook", ""), List.of());
            notice(house, "a@one.example");
            house.awaitEmpty();
            assertEquals(0, house.deliveries());
        }
    }

    @Test
    void holdsUntilReleasedAndDoesNotSkipTheHooks() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (House house = House.open()) {
            house.judge = message -> {
                State state = asked.incrementAndGet() == 1 ? State.HELD : State.QUEUED;
                return new Sealed(
                        Decision.PROCEED, List.of(new Sealed.Admission(message.envelope(), state, Instant.now())));
            };
            MessageId id = notice(house, "a@one.example");
            await("it is held", () -> house.state(id, 0) == State.HELD);
            house.quiet();
            house.queue.release(id, "op");
            house.awaitEmpty();
            assertEquals(2, asked.get());
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void storesWhatHooksSplitOffOrChanged() {
        try (House house = House.open()) {
            house.judge = message -> new Sealed(
                    Decision.PROCEED,
                    List.of(
                            new Sealed.Admission(
                                    House.envelope(message.envelope().id(), Address.NULL, List.of("b@two.example")),
                                    State.QUEUED,
                                    Instant.now()),
                            house.admission("c@three.example")));
            notice(house, "a@one.example", "b@two.example", "c@three.example");
            house.awaitEmpty();
            assertEquals(2, house.deliveries());
            assertTrue(house.carried.stream().noneMatch(p -> p.site().name().equals("one.example")));
        }
    }
}
