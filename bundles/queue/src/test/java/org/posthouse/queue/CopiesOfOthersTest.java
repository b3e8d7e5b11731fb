// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.Charges.clustered;
import static org.posthouse.queue.Charges.copy;
import static org.posthouse.queue.Charges.holding;
import static org.posthouse.queue.Charges.keep;
import static org.posthouse.queue.Charges.killedInTransit;
import static org.posthouse.queue.Charges.progress;
import static org.posthouse.queue.Charges.settle;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Event;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.Charges.Killed;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** What the queue does with the messages of other nodes: it keeps them, takes them over, and lets them go. */
@Timeout(60)
class CopiesOfOthersTest {
    private final FakeCustodian custodian = new FakeCustodian();

    @Test
    void keepsACopyWithoutDeliveringItAndTakesItOverOnce() throws Exception {
        try (House house = clustered(custodian)) {
            SpoolHoldings holdings = new SpoolHoldings(house.depot);
            MessageId id = MessageId.next();
            custodian.elsewhere.add(id);
            FakeSpool.FakeDraft draft = new FakeSpool.FakeDraft(id);
            keep(holdings, copy(id, draft, progress(0, State.QUEUED, 0, 1)));
            assertTrue(draft.closed);
            assertEquals("COPY", house.spool.custody(id));
            assertEquals(List.of(), house.spool.index());
            // The owner's intent: it is not in doubt here, for the owner lives.
            keep(holdings, holding(id, "COPY2", false, progress(0, State.IN_TRANSIT, 0, 2)));
            house.pass(Duration.ofMinutes(20));
            house.quiet();
            assertEquals(State.IN_TRANSIT, house.state(id, 0));
            assertEquals(0, house.carried.size());
            assertEquals(0, house.depot.flights().possibleDuplicates());

            custodian.epoch = 1;
            holdings.under(id, () -> {
                keep(holdings, holding(id, "OURS", true, progress(0, State.DEFERRED, 1, 3)));
                keep(holdings, holding(id, "OURS", true, progress(0, State.DEFERRED, 1, 3)));
                return custodian.elsewhere.remove(id);
            });
            holdings.look();
            await("it is delivered", () -> house.spool.messages() == 0);
            house.quiet();
            assertEquals(1, house.delivered.get(id + "/0").get());
            assertEquals("OUTCOME [0:DELIVERED@1]", house.spool.custody(id));
            assertEquals(List.of(), house.spool.index());
        }
    }

    @Test
    void whatIsTakenAwayLeavesTheIndex() {
        try (House house = clustered(custodian)) {
            Sealed.Admission admission = house.admission("a@one.example");
            MessageId id = admission.envelope().id();
            custodian.elsewhere.add(id);
            house.accept(admission);
            house.quiet();
            assertEquals(1, house.spool.index().size());
            keep(new SpoolHoldings(house.depot), holding(id, "THEIRS", false, progress(0, State.QUEUED, 1, 5)));
            assertEquals(List.of(), house.spool.index());
            assertEquals(State.QUEUED, house.state(id, 0));
        }
    }

    @Test
    void aCopyThatEndedElsewhereLeavesItsRecordAndADroppedOneNothing() {
        try (House house = clustered(custodian)) {
            SpoolHoldings holdings = new SpoolHoldings(house.depot);
            MessageId ended = MessageId.next();
            MessageId dropped = MessageId.next();
            custodian.elsewhere.addAll(List.of(ended, dropped));
            keep(holdings, copy(dropped, null, progress(0, State.QUEUED, 0, 1)));
            keep(holdings, copy(ended, null, progress(0, State.QUEUED, 0, 1)));
            assertEquals(2, house.spool.messages());
            keep(
                    holdings,
                    holding(ended, "ENDED", false, progress(0, State.DELIVERED, 0, 2)),
                    new Holdings.Holding(dropped, null, List.of(), false, null));
            assertEquals(0, house.spool.messages());
            assertEquals("ENDED", house.spool.custody(ended));
            assertEquals("-", house.spool.custody(dropped));
            house.quiet();
            assertEquals(0, house.carried.size());
        }
    }

    @Test
    void isOneWithTheQueueUnderTheLockOfAMessage() {
        try (House house = clustered(custodian)) {
            SpoolHoldings holdings = new SpoolHoldings(house.depot);
            MessageId id = MessageId.next();
            custodian.elsewhere.add(id);
            String seen = holdings.under(id, () -> {
                keep(holdings, copy(id, null, progress(0, State.QUEUED, 0, 1)));
                keep(holdings, holding(id, "OURS", true, progress(0, State.QUEUED, 0, 2)));
                custodian.elsewhere.clear();
                return house.spool.custody(id);
            });
            assertEquals("OURS", seen);
            await("it is delivered", () -> house.spool.messages() == 0);
            house.quiet();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void whatWasInTransitWhenTheNodeDiedIsMarkedInTheSameChange() throws Exception {
        Killed killed = killedInTransit(custodian, "a@one.example");
        MessageId id = killed.id();
        custodian.doubted = State.HELD;
        custodian.elsewhere.add(id);
        try (House next = clustered(custodian, killed.spool())) {
            await("it was looked at", () -> killed.spool().loads > 0);
            next.quiet();
            assertEquals(State.IN_TRANSIT, next.state(id, 0), "whose it is can not be told yet");
            custodian.elsewhere.clear();
            new SpoolHoldings(next.depot).look();
            await("it is held", () -> next.state(id, 0) == State.HELD);
            assertEquals("DOUBT [0:HELD@0]", killed.spool().custody(id));
            // Counted once it is on disk.
            await("it is counted", () -> next.depot.flights().possibleDuplicates() == 1);
            next.quiet();
            assertEquals(1, next.depot.flights().possibleDuplicates());
            assertEquals(0, next.deliveries());
        }
    }

    @Test
    void aDoubtIsToldByOneEventWhoeverFindsIt() throws Exception {
        Killed killed = killedInTransit(custodian, "a@one.example", "b@one.example");
        MessageId id = killed.id();
        custodian.elsewhere.add(id);
        custodian.told.add(id);
        try (House next = clustered(custodian, killed.spool())) {
            SpoolHoldings holdings = new SpoolHoldings(next.depot);
            // By the protocol, when it takes the message over.
            holdings.doubted(id, 1);
            assertEquals(
                    List.of(Map.of("id", id.toString(), "recipient", "b@one.example", "inTransitAtCrash", "true")),
                    next.events.stream().map(Event::facts).toList());
            custodian.elsewhere.clear();
            holdings.look();
            await("they are delivered", () -> next.deliveries() == 2);
            assertEquals(1, next.depot.flights().possibleDuplicates());
        }
    }

    @Test
    void findsWhatAScanPassedByWhileSomebodyHadItLocked() {
        try (House house = clustered(custodian)) {
            SpoolHoldings holdings = new SpoolHoldings(house.depot);
            Sealed.Admission admission = house.admission("a@one.example");
            boolean passed = holdings.under(admission.envelope().id(), () -> {
                try {
                    house.spool.commit(Entry.of(admission).addTo(new Change(), null));
                } catch (SpoolException e) {
                    throw new AssertionError(e);
                }
                long before = house.scheduler.scanned();
                holdings.look();
                await("a scan met it", () -> house.scheduler.scanned() > before);
                return house.carried.isEmpty();
            });
            assertTrue(passed);
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void whatBecameOfAMessageThatIsTakenIsNotTold() {
        try (House house = clustered(custodian)) {
            MessageId notice = MessageId.next();
            house.script = new Script() {
                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }

                @Override
                public void inTransit(Parcel parcel) {
                    MessageId id = parcel.message().envelope().id();
                    custodian.taken.add(id);
                    custodian.elsewhere.add(id);
                    settle(house, parcel, notice);
                }
            };
            MessageId id = house.accept("a@one.example");
            await("it is over", () -> house.state(id, 0) == null);
            assertEquals(
                    "landed [0]",
                    custodian.ends.stream()
                            .filter(e -> e.startsWith("landed"))
                            .findFirst()
                            .orElse(""));
            // What it came to there is not said; that it was delivered after all, by the courier of the house, is.
            assertEquals(List.of("INTENT [0:IN_TRANSIT@0]", "OUTCOME [0:DELIVERED@0]"), List.copyOf(custodian.deeds));
            assertFalse(house.delivered.containsKey(notice + "/0"));
        }
    }

    @Test
    void anEndThatAnotherNodeCameToIsNotAnnouncedAgain() {
        try (House house = clustered(custodian)) {
            SpoolHoldings holdings = new SpoolHoldings(house.depot);
            AtomicInteger refused = new AtomicInteger();
            house.script = new Script() {
                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }

                @Override
                public void inTransit(Parcel parcel) {
                    MessageId id = parcel.message().envelope().id();
                    custodian.elsewhere.add(id);
                    keep(holdings, holding(id, "THEIRS", false, progress(0, State.FAILED, 1, 5)));
                    refused.addAndGet(house.ledger.announce(parcel, List.of(0)) ? 0 : 1);
                }
            };
            house.accept("a@one.example");
            await("another node has ended it", () -> refused.get() == 1);
        }
    }
}
