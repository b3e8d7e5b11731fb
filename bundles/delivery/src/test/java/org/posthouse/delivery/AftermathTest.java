// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Event;
import org.posthouse.api.Outcome;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.queue.spi.NoticeWriter.Action;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

final class AftermathTest {
    private final Fakes.MemoryLedger ledger = new Fakes.MemoryLedger();
    private final List<NoticeWriter.Line> lines = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private NoticeWriter notices = (message, said) -> {
        lines.addAll(said);
        return Optional.empty();
    };

    private static Fate done(int code) {
        return new Fate.Done(new Outcome(new Reply(code, "", "words"), "h[1]:25", "TLSv1.3 X", false));
    }

    private Progress settle(String agent, Fate fate) throws SpoolException {
        settle(agent, Map.of(0, fate), "b@x.test");
        return ledger.settled.get(0).get(0);
    }

    private Parcel settle(String agent, Map<Integer, Fate> fates, String... recipients) throws SpoolException {
        Parcel parcel = Fakes.parcel(Fakes.stored(recipients), new Route(agent, "h:25", "x.test", "r"));
        new Aftermath(ledger, (m, l) -> notices.write(m, l), events::add, new DeliveryMeters(registry))
                .settle(parcel, fates, Duration.ofMillis(7));
        return parcel;
    }

    private double counted(String result) {
        return registry.get("posthouse.deliveries")
                .tag("result", result)
                .counter()
                .count();
    }

    @Test
    void endsWhatWasTaken() throws SpoolException {
        Progress record = settle("smtp", done(250));
        assertEquals(State.DELIVERED, record.state());
        assertEquals(1, record.attempts());
        assertEquals("250 words", record.reply());
        assertEquals("h[1]:25", record.host());
        assertEquals(Action.RELAYED, lines.get(0).action());
        assertEquals(Event.Type.DELIVERY, events.get(0).type());
        assertEquals(250L, events.get(0).facts().get("code"));
        assertEquals(7L, events.get(0).facts().get("millis"));
        assertEquals(1, counted("delivered"));
    }

    @Test
    void tellsDeliveredFromRelayedByTheTransport() throws SpoolException {
        settle("lmtp", done(250));
        assertEquals(Action.DELIVERED, lines.get(0).action());
    }

    @Test
    void leavesTheNoticeOfSuccessToAHostThatTookItOver() throws SpoolException {
        settle("smtp", new Fate.Done(new Outcome(new Reply(250, "", "ok"), "h", "", true)));
        assertTrue(lines.isEmpty());
    }

    @Test
    void failsWhatWasRefused() throws SpoolException {
        assertEquals(State.FAILED, settle("smtp", done(550)).state());
        assertEquals(Action.FAILED, lines.get(0).action());
        assertEquals(Event.Type.BOUNCE, events.get(0).type());
    }

    @Test
    void defersByTheScheduleOfTheQueue() throws SpoolException {
        Instant before = Instant.now();
        Progress record = settle("smtp", done(450));
        assertEquals(State.DEFERRED, record.state());
        assertEquals(1, record.attempts());
        assertTrue(!record.due().isBefore(before.plus(Duration.ofMinutes(5))));
        assertTrue(lines.isEmpty());
        assertEquals(Event.Type.TRANSIENT_FAILURE, events.get(0).type());
    }

    @Test
    void expiresWhatIsTooOld() throws SpoolException {
        ledger.retry = Optional.empty();
        assertEquals(State.EXPIRED, settle("smtp", done(450)).state());
        assertEquals(Action.FAILED, lines.get(0).action());
        assertEquals(Event.Type.EXPIRATION, events.get(0).type());
    }

    @Test
    void doesAsHooksSayWithoutCountingAnAttempt() throws SpoolException {
        Instant before = Instant.now();
        Progress record = settle("smtp", new Fate.Delayed(Duration.ofHours(1), "quiet hours"));
        assertEquals(State.DEFERRED, record.state());
        assertEquals(0, record.attempts());
        assertTrue(!record.due().isBefore(before.plus(Duration.ofHours(1))));
        ledger.settled.clear();
        assertEquals(State.HELD, settle("smtp", new Fate.Held("look at it")).state());
    }

    @Test
    void givesBackWhatWasWithdrawnAsAWhole() throws SpoolException {
        settle("smtp", Map.of(0, new Fate.Withdrawn()), "b@x.test");
        assertEquals(1, ledger.givenBack.size());
        assertTrue(ledger.settled.isEmpty() && events.isEmpty());
    }

    @Test
    void triesSoonAgainWhatTheClusterRefused() throws SpoolException {
        settle("smtp", Map.of(0, new Fate.Withdrawn()), "b@x.test");
        ledger.shared = true;
        settle("smtp", Map.of(0, new Fate.Withdrawn()), "b@x.test");
        Duration earlier = Duration.between(ledger.givenBack.get(1), ledger.givenBack.get(0));
        assertTrue(earlier.compareTo(Duration.ofSeconds(25)) > 0, () -> "a single node rests longer, by " + earlier);
    }

    @Test
    void settlesAMixtureInOneCommit() throws SpoolException {
        Map<Integer, Fate> fates = Map.of(0, done(250), 1, done(550), 2, done(450), 3, new Fate.Withdrawn());
        settle("smtp", fates, "a@x.test", "b@x.test", "c@x.test", "d@x.test");
        assertEquals(1, ledger.settled.size());
        assertEquals(
                List.of(State.DELIVERED, State.FAILED, State.DEFERRED, State.DEFERRED),
                ledger.settled.get(0).stream().map(Progress::state).toList());
    }

    @Test
    void recordsNoFailureWithoutItsNotice() throws SpoolException {
        notices = (message, said) -> {
            throw new IOException("no space");
        };
        settle("smtp", Map.of(0, done(250), 1, done(550)), "a@x.test", "b@x.test");
        assertEquals(
                List.of(State.DELIVERED, State.DEFERRED),
                ledger.settled.get(0).stream().map(Progress::state).toList());
    }

    @Test
    void endsNothingBadlyThatItCouldNotAnnounce() throws SpoolException {
        ledger.announces = false;
        settle("smtp", Map.of(0, done(250), 1, done(550)), "a@x.test", "b@x.test");
        assertEquals(
                List.of(State.DELIVERED, State.DEFERRED),
                ledger.settled.get(0).stream().map(Progress::state).toList());
        assertEquals(
                List.of(Action.RELAYED),
                lines.stream().map(NoticeWriter.Line::action).toList());
        assertEquals(
                List.of(Event.Type.DELIVERY, Event.Type.TRANSIENT_FAILURE),
                events.stream().map(Event::type).toList());
    }

    @Test
    void announcesNoSuccess() throws SpoolException {
        ledger.announces = false;
        settle("smtp", Map.of(0, done(250), 1, done(450)), "a@x.test", "b@x.test");
        assertEquals(
                List.of(State.DELIVERED, State.DEFERRED),
                ledger.settled.get(0).stream().map(Progress::state).toList());
        assertEquals(1, lines.size());
    }

    @Test
    void tellsNothingThatIsNotOnDisk() {
        ledger.sick = true;
        assertThrows(SpoolException.class, () -> settle("smtp", done(250)));
        assertTrue(events.isEmpty());
        assertEquals(0, counted("delivered"));
    }

    @Test
    void namesTheMessageInItsEvents() throws SpoolException {
        Parcel parcel = settle("smtp", Map.of(0, done(550)), "b@x.test");
        assertEquals(
                parcel.message().envelope().id().toString(),
                events.get(0).facts().get("id"));
    }

    @Test
    void lastsWhereTheListenersToEventsFail() throws SpoolException {
        Parcel parcel = Fakes.parcel(Fakes.stored("b@x.test"), new Route("smtp", "h:25", "x.test", "r"));
        new Aftermath(
                        ledger,
                        (m, l) -> Optional.empty(),
                        e -> {
                            throw new IllegalStateException("full");
                        },
                        new DeliveryMeters(registry))
                .settle(parcel, Map.of(0, done(250)), Duration.ZERO);
        assertEquals(State.DELIVERED, ledger.settled.get(0).get(0).state());
    }

    @Test
    void doesNotLetExpireWhatWasWithdrawn() throws SpoolException {
        ledger.retry = Optional.empty();
        settle("smtp", Map.of(0, done(250), 1, new Fate.Withdrawn()), "b@x.test", "c@x.test");
        assertEquals(State.DEFERRED, ledger.settled.get(0).get(1).state());
    }
}
