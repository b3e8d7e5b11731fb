// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.Event;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Custodian.Deed;
import org.posthouse.queue.spi.Custodian.Word;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.queue.spi.Intake;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Change.Step;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** What the queue asks of a cluster, and what it does without its word: nothing. */
@Timeout(60)
class CustodianTest {
    private final FakeCustodian custodian = new FakeCustodian();

    private House clustered() {
        return clustered(new FakeSpool());
    }

    private House clustered(FakeSpool spool) {
        House house = new House(spool, House.QUICK);
        house.depot.bindCustodian(custodian);
        house.start();
        return house;
    }

    private static CompletableFuture<Intake.Receipt> accepting(House house, Sealed.Admission admission) {
        CompletableFuture<Intake.Receipt> receipt = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                receipt.complete(house.intake.accept(List.of(admission), null));
            } catch (SpoolException e) {
                receipt.completeExceptionally(e);
            }
        });
        return receipt;
    }

    @Test
    void withholdsTheReceiptAndTheDeliveryUntilTheOthersHaveAnswered() throws Exception {
        CompletableFuture<Word> word = new CompletableFuture<>();
        custodian.admission = entering -> word;
        try (House house = clustered()) {
            Sealed.Admission admission = house.admission("a@one.example");
            MessageId id = admission.envelope().id();
            CompletableFuture<Intake.Receipt> receipt = accepting(house, admission);
            await("it is on disk", () -> house.spool.messages() == 1);
            assertEquals("ADMITTED", house.spool.custody(id));
            house.pass(Duration.ofMinutes(20));
            await("the index was read", () -> !house.spool.scannedFrom.isEmpty());
            assertFalse(receipt.isDone());
            assertEquals(0, house.carried.size());
            word.complete(FakeCustodian.TWO);
            assertEquals(new Intake.Receipt(id, 2), receipt.get());
            await("it is delivered", () -> house.spool.messages() == 0);
            house.quiet();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void saysThatNobodyDeliversWhatWasTakenBack() throws Exception {
        try (House house = clustered()) {
            SpoolHoldings holdings = new SpoolHoldings(house.depot);
            custodian.admission = entering -> {
                Progress ended = progress(0, State.DELETED, 0, 2);
                MessageId id = entering.get(0).envelope().id();
                keep(holdings, new Holdings.Holding(id, FakeCustodian.record("ENDED"), List.of(ended), true, null));
                return CompletableFuture.completedFuture(new Word(Word.Kind.DEFERRED, 1));
            };
            Sealed.Admission admission = house.admission("a@one.example");
            Intake.Receipt receipt = accepting(house, admission).get();
            assertEquals(Word.Kind.DEFERRED, receipt.kind());
            assertFalse(receipt.accepted());
            house.quiet();
            assertEquals(0, house.spool.messages());
            assertEquals("ENDED", house.spool.custody(admission.envelope().id()));
            assertEquals(List.of(), house.spool.index());
            assertEquals(0, house.carried.size());
        }
    }

    @Test
    void listsOnlyWhatIsNotAnothersAndRefusesToChangeThat() throws Exception {
        try (House house = clustered()) {
            custodian.admission = entering -> CompletableFuture.completedFuture(new Word(Word.Kind.CLOSED, 1));
            Sealed.Admission first = house.admission("a@one.example");
            Sealed.Admission second = house.admission("a@two.example");
            MessageId own = first.envelope().id();
            MessageId other = second.envelope().id();
            custodian.elsewhere.add(own);
            custodian.elsewhere.add(other);
            accepting(house, first).get();
            accepting(house, second).get();
            house.quiet();
            custodian.elsewhere.remove(own);
            SpoolQueue queue = new SpoolQueue(house.depot);
            Queue.Page page = queue.list(Queue.Filter.ALL, null, 10);
            assertEquals(
                    List.of(own),
                    page.messages().stream().map(m -> m.envelope().id()).toList());
            assertTrue(queue.show(own).isPresent());
            assertTrue(queue.show(other).isEmpty());
            assertEquals(house.spool.messages() - 1, queue.counts().messages());
            assertThrows(SpoolException.class, () -> queue.hold(other, "", "test"));
        }
    }

    @Test
    void leavesWhatMayBeDeliveredByOthersToWhoeverOwnsIt() throws Exception {
        try (House house = clustered()) {
            Sealed.Admission admission = house.admission("a@one.example");
            MessageId id = admission.envelope().id();
            custodian.elsewhere.add(id);
            custodian.admission = entering -> CompletableFuture.completedFuture(new Word(Word.Kind.CLOSED, 1));
            assertEquals(Word.Kind.CLOSED, accepting(house, admission).get().kind());
            house.quiet();
            assertEquals(1, house.spool.messages());
            assertEquals(0, house.carried.size());
            custodian.elsewhere.clear();
            new SpoolHoldings(house.depot).look();
            await("it is delivered", () -> house.spool.messages() == 0);
        }
    }

    @Test
    void takesNothingWhileTheClusterIsClosed() {
        try (House house = clustered()) {
            custodian.closed = "This node has not heard of the others yet";
            SpoolException e = assertThrows(
                    SpoolException.class, () -> house.intake.accept(List.of(house.admission("a@one.example")), null));
            assertEquals(custodian.closed, e.getMessage());
            assertFalse(house.intake.readiness().open());
            assertEquals(custodian.closed, house.intake.readiness().reason());
            assertEquals(0, house.spool.messages());
        }
    }

    @Test
    void writesTheMessageAndItsRecordInOneChangeAndTellsWhenItIsKept() throws Exception {
        try (House house = clustered()) {
            List<Change> changes = new ArrayList<>();
            house.spool.onCommit(changes::add);
            house.intake.accept(List.of(held(house)), null);
            assertEquals(
                    List.of("Store", "Custody"),
                    changes.get(0).steps().stream()
                            .map(s -> s.getClass().getSimpleName())
                            .toList());
            assertEquals(List.of("ADMITTED kept"), List.copyOf(custodian.ends));
            house.spool.failNext(new FakeSpool.Fault(c -> true, false, SpoolException.Kind.FULL));
            assertThrows(SpoolException.class, () -> house.intake.accept(List.of(held(house)), null));
            assertEquals(List.of("ADMITTED kept", "ADMITTED broken"), List.copyOf(custodian.ends));
        }
    }

    private static Sealed.Admission held(House house) {
        Sealed.Admission admission = house.admission("a@one.example");
        return new Sealed.Admission(admission.envelope(), State.HELD, admission.due());
    }

    @Test
    void makesNoFinalDotBeforeTheOthersKnowOfTheIntent() {
        CompletableFuture<Word> word = new CompletableFuture<>();
        custodian.alteration =
                turn -> turn.deed() == Deed.INTENT ? word : CompletableFuture.completedFuture(FakeCustodian.TWO);
        CountDownLatch dot = new CountDownLatch(1);
        try (House house = clustered()) {
            house.script = new Script() {
                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }

                @Override
                public void inTransit(Parcel parcel) {
                    dot.countDown();
                }
            };
            MessageId id = house.accept("a@one.example");
            await("the intent is on disk", () -> house.state(id, 0) == State.IN_TRANSIT);
            assertEquals("INTENT [0:IN_TRANSIT@0]", house.spool.custody(id));
            assertEquals(1, dot.getCount());
            word.complete(FakeCustodian.TWO);
            await("it is delivered", () -> house.spool.messages() == 0);
            assertEquals(0, dot.getCount());
            assertEquals("OUTCOME [0:DELIVERED@0]", house.spool.custody(id));
        }
    }

    @Test
    void makesNoFinalDotWhenTheLastQuestionIsAnsweredNo() {
        custodian.goes = false;
        try (House house = clustered()) {
            house.giveBackFor = Duration.ofMillis(1);
            MessageId id = house.accept("a@one.example");
            await("it was given back", () -> custodian.count(Deed.REST) > 0);
            assertEquals(0, house.deliveries());
            custodian.goes = true;
            await("it is delivered", () -> {
                house.pass(Duration.ofSeconds(2));
                return house.spool.messages() == 0;
            });
            assertEquals(1, house.delivered.get(id + "/0").get());
        }
    }

    @Test
    void syncsTheIntentOnlyWhereOthersAreTold() {
        for (boolean shared : List.of(true, false)) {
            custodian.shared = shared;
            try (House house = clustered()) {
                ConcurrentLinkedQueue<Boolean> synced = new ConcurrentLinkedQueue<>();
                house.spool.onCommit(c -> {
                    if (c.steps().stream()
                            .anyMatch(s ->
                                    s instanceof Step.Advance a && a.progress().state() == State.IN_TRANSIT)) {
                        synced.add(c.synced());
                    }
                });
                house.accept("a@one.example");
                await("it is delivered", () -> house.spool.messages() == 0);
                assertEquals(List.of(shared), List.copyOf(synced));
            }
        }
    }

    @Test
    void neverDispatchesWhatIsOwnedElsewhereAndFindsItOnceItIsOurs() {
        try (House house = clustered()) {
            Sealed.Admission admission = house.admission("a@one.example");
            MessageId id = admission.envelope().id();
            custodian.elsewhere.add(id);
            house.accept(admission);
            house.accept("b@two.example");
            await("the other one is delivered", () -> house.spool.messages() == 1);
            house.quiet();
            house.pass(Duration.ofMinutes(20));
            await("everything was looked at", () -> house.spool.loads > 0);
            house.quiet();
            assertEquals(1, house.carried.size());
            custodian.elsewhere.clear();
            new SpoolHoldings(house.depot).look();
            await("it is delivered", () -> house.spool.messages() == 0);
            assertEquals(1, house.delivered.get(id + "/0").get());
        }
    }

    @Test
    void aParcelThatWaitsIsLetGoWhenItsMessageIsTakenOver() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        Settings s = House.QUICK;
        House house = new House(
                new FakeSpool(),
                new Settings(s.retry(), s.expire(), 1, 1, 100, s.warnAfter(), s.maxMessages(), s.maxOctets()));
        house.depot.bindCustodian(custodian);
        house.start();
        house.script = new Script() {
            @Override
            public End end(Parcel parcel, int recipient) {
                return End.DELIVER;
            }

            @Override
            public boolean before(Lane lane, Parcel parcel) throws InterruptedException {
                gate.await();
                return true;
            }
        };
        house.accept("a@one.example");
        await("the lane is taken", () -> house.carried.size() == 1);
        MessageId second = house.accept("b@one.example");
        await("the second waits for it", () -> house.scheduler.ready() == 1);
        custodian.elsewhere.add(second);
        gate.countDown();
        await("the first is delivered", () -> house.spool.messages() == 1);
        house.quiet();
        assertEquals(1, house.carried.size());
        assertEquals(State.QUEUED, house.state(second, 0));
        house.close();
    }

    @Test
    void theOutcomeItsNoticeAndTheirRecordsAreOneChange() {
        try (House house = clustered()) {
            MessageId notice = MessageId.next();
            ConcurrentLinkedQueue<Change> outcomes = new ConcurrentLinkedQueue<>();
            house.spool.onCommit(c -> {
                if (c.steps().stream()
                        .anyMatch(s ->
                                s instanceof Step.Store st && st.envelope().id().equals(notice))) {
                    outcomes.add(c);
                }
            });
            house.script = new Script() {
                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }

                @Override
                public void inTransit(Parcel parcel) {
                    if (!parcel.message().envelope().sender().address().isNull()) {
                        settle(house, parcel, notice);
                    }
                }
            };
            MessageId id = house.accept("a@one.example");
            await("all is over", () -> house.spool.messages() == 0);
            assertEquals(1, outcomes.size());
            List<Step> steps = outcomes.peek().steps();
            assertTrue(steps.contains(custody(steps, id)) && steps.contains(custody(steps, notice)), steps.toString());
            assertEquals("OUTCOME [0:FAILED@0]", text(custody(steps, id)));
            assertEquals("NOTICE", text(custody(steps, notice)));
            assertEquals(1, house.delivered.get(notice + "/0").get());
        }
    }

    @Test
    void whatBecameOfAMessageThatIsTakenIsNotTold() {
        try (House house = clustered()) {
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
        try (House house = clustered()) {
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

    private static Step.Custody custody(List<Step> steps, MessageId id) {
        return steps.stream()
                .filter(Step.Custody.class::isInstance)
                .map(Step.Custody.class::cast)
                .filter(c -> c.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static String text(Step.Custody custody) {
        return new String(custody.octets(), java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static void settle(House house, Parcel parcel, MessageId notice) {
        Progress now = parcel.message().progress().get(0).attempted();
        Sealed.Admission admission = new Sealed.Admission(
                House.envelope(notice, Address.NULL, List.of("alice@example.org")), State.UNJUDGED, house.depot.now());
        try {
            house.ledger.settle(
                    parcel,
                    List.of(now.to(State.FAILED, now.due(), "550 5.1.1 no", "host")),
                    List.of(new Ledger.Notice(admission, new FakeSpool.FakeDraft(notice))));
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void announcesAnEndThatNoFinalDotCameBefore() {
        try (House house = clustered()) {
            house.settled = domain -> House.decided(550, "5.1.2");
            MessageId id = house.accept("a@one.example");
            await("it has failed", () -> house.spool.messages() == 0);
            assertEquals(List.of("INTENT [0:IN_TRANSIT@0]", "OUTCOME [0:FAILED@0]"), List.copyOf(custodian.deeds));
            assertEquals("OUTCOME [0:FAILED@0]", house.spool.custody(id));
        }
    }

    @Test
    void doesNotEndWhatItCouldNotAnnounce() {
        custodian.goes = false;
        try (House house = clustered()) {
            house.settled = domain -> House.decided(550, "5.1.2");
            MessageId id = house.accept("a@one.example");
            await("it was given back", () -> custodian.count(Deed.REST) > 0);
            house.quiet();
            assertEquals(State.QUEUED, house.state(id, 0));
            assertEquals(0, custodian.count(Deed.OUTCOME));
        }
    }

    @Test
    void aVerbIsRefusedForWhatIsOwnedElsewhere() throws Exception {
        try (House house = clustered()) {
            Sealed.Admission admission = held(house);
            MessageId id = admission.envelope().id();
            house.accept(admission);
            custodian.elsewhere.add(id);
            SpoolException e = assertThrows(SpoolException.class, () -> house.queue.release(id, "op"));
            assertEquals("Another node owns message " + id, e.getMessage());
            assertThrows(SpoolException.class, () -> house.queue.delete(id, false, "op"));
            assertThrows(SpoolException.class, () -> house.queue.retry(id, "op"));
            assertThrows(SpoolException.class, () -> house.queue.hold(id, "", "op"));
            custodian.elsewhere.clear();
            List<Change> changes = new ArrayList<>();
            house.spool.onCommit(changes::add);
            assertEquals(1, house.queue.delete(id, true, "op"));
            List<Step> steps = changes.get(0).steps();
            assertEquals("VERB [0:DELETED@0]", text(custody(steps, id)));
            assertEquals("NOTICE", text(custody(steps, house.notices.peek())));
        }
    }

    @Test
    void keepsACopyWithoutDeliveringItAndTakesItOverOnce() throws Exception {
        try (House house = clustered()) {
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
        try (House house = clustered()) {
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
        try (House house = clustered()) {
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
        try (House house = clustered()) {
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
        CountDownLatch never = new CountDownLatch(1);
        House first = clustered();
        first.script = new Script() {
            @Override
            public End end(Parcel parcel, int recipient) {
                return End.DELIVER;
            }

            @Override
            public void inTransit(Parcel parcel) throws InterruptedException {
                never.await();
            }
        };
        MessageId id = first.accept("a@one.example");
        await("it is in transit", () -> first.state(id, 0) == State.IN_TRANSIT);
        FakeSpool killed = first.spool.afterPowerLoss();
        never.countDown();
        first.close();

        custodian.doubted = State.HELD;
        custodian.elsewhere.add(id);
        try (House next = clustered(killed)) {
            await("it was looked at", () -> killed.loads > 0);
            next.quiet();
            assertEquals(State.IN_TRANSIT, next.state(id, 0), "whose it is can not be told yet");
            custodian.elsewhere.clear();
            new SpoolHoldings(next.depot).look();
            await("it is held", () -> next.state(id, 0) == State.HELD);
            assertEquals("DOUBT [0:HELD@0]", killed.custody(id));
            assertEquals(1, next.depot.flights().possibleDuplicates());
            assertEquals(0, next.deliveries());
        }
    }

    @Test
    void aDoubtIsToldByOneEventWhoeverFindsIt() throws Exception {
        House first = clustered();
        CountDownLatch never = new CountDownLatch(1);
        first.script = new Script() {
            @Override
            public End end(Parcel parcel, int recipient) {
                return End.DELIVER;
            }

            @Override
            public void inTransit(Parcel parcel) throws InterruptedException {
                never.await();
            }
        };
        MessageId id = first.accept("a@one.example", "b@one.example");
        await("they are in transit", () -> first.state(id, 1) == State.IN_TRANSIT);
        FakeSpool killed = first.spool.afterPowerLoss();
        never.countDown();
        first.close();

        custodian.elsewhere.add(id);
        custodian.told.add(id);
        try (House next = clustered(killed)) {
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
    void aCustodianThatIsNotThereStopsEverything() throws Exception {
        try (House house = clustered()) {
            house.depot.unbindCustodian(custodian);
            assertThrows(
                    SpoolException.class, () -> house.intake.accept(List.of(house.admission("a@one.example")), null));
            assertEquals(Custodian.AWAY.closed(), house.intake.readiness().reason());
            Entry entry = Entry.of(house.admission("b@one.example"));
            house.spool.commit(entry.addTo(new Change(), null));
            new SpoolHoldings(house.depot).look();
            await("it was looked at", () -> house.spool.loads > 0);
            house.quiet();
            assertEquals(0, house.carried.size());
            house.depot.bindCustodian(custodian);
            await("it is delivered", () -> house.spool.messages() == 0);
        }
    }

    @Test
    void aNewCustodianTakesThePlaceOfTheOldOne() {
        try (House house = clustered()) {
            FakeCustodian next = new FakeCustodian();
            house.depot.bindCustodian(next);
            house.depot.unbindCustodian(custodian);
            MessageId id = house.accept("a@one.example");
            await("it is delivered", () -> house.spool.messages() == 0);
            assertEquals(0, custodian.deeds.size());
            assertEquals("OUTCOME [0:DELIVERED@0]", house.spool.custody(id));
        }
    }

    @Test
    void aCustodianThatFailsLosesNothingAndMakesNoDot() throws Exception {
        custodian.alteration = turn -> {
            if (turn.deed() == Deed.INTENT) {
                throw new IllegalStateException("a test");
            }
            return CompletableFuture.completedFuture(FakeCustodian.TWO);
        };
        try (House house = clustered()) {
            custodian.admission = entering -> {
                throw new IllegalStateException("a test");
            };
            assertEquals(
                    Word.Kind.CLOSED,
                    accepting(house, house.admission("a@one.example")).get().kind());
            custodian.admission = entering -> CompletableFuture.completedFuture(FakeCustodian.TWO);
            custodian.waiting.clear();
            house.accept("b@two.example");
            await("it was given back", () -> custodian.count(Deed.REST) > 0);
            house.quiet();
            assertEquals(0, house.deliveries());
            assertEquals(2, house.spool.messages());
        }
    }

    @Test
    void aCustodianThatFailsOverEverythingHasRefused() throws Exception {
        try (House house = clustered()) {
            Sealed.Admission kept = held(house);
            MessageId id = kept.envelope().id();
            house.accept(kept);
            house.quiet();
            custodian.broken = true;
            assertThrows(
                    SpoolException.class, () -> house.intake.accept(List.of(house.admission("a@one.example")), null));
            assertFalse(house.intake.readiness().open());
            assertThrows(SpoolException.class, () -> house.queue.release(id, "op"));
            Entry entry = Entry.of(house.admission("b@two.example"));
            house.spool.commit(entry.addTo(new Change(), null));
            new SpoolHoldings(house.depot).look();
            await("it was looked at", () -> house.scheduler.loaded() > 0);
            house.quiet();
            assertEquals(0, house.carried.size());
            custodian.broken = false;
            new SpoolHoldings(house.depot).look();
            house.queue.release(id, "op");
            house.awaitEmpty();
            assertEquals(2, house.deliveries());
        }
    }

    @Test
    void whatTheCustodianFailsOverIsDoneOnceItCanBe() throws Exception {
        for (Deed deed : List.of(Deed.INTENT, Deed.OUTCOME, Deed.REST, Deed.JUDGEMENT)) {
            AtomicInteger failures = new AtomicInteger();
            custodian.goes = deed != Deed.REST;
            custodian.failsOver = turn -> turn.deed() == deed && failures.incrementAndGet() <= 3;
            AtomicInteger judged = new AtomicInteger();
            try (House house = clustered()) {
                house.giveBackFor = Duration.ofMillis(1);
                house.judge = message -> {
                    judged.incrementAndGet();
                    return House.pass(message);
                };
                Sealed.Admission admission = house.admission("a@one.example");
                house.accept(
                        deed == Deed.JUDGEMENT
                                ? new Sealed.Admission(admission.envelope(), State.UNJUDGED, admission.due())
                                : admission);
                await("it was refused", () -> failures.get() > 3);
                custodian.goes = true;
                house.awaitEmpty();
                assertEquals(1, house.deliveries(), deed.name());
                // Neither a hook nor a next hop is asked again at once.
                assertTrue(judged.get() <= 5, deed + " judged " + judged);
                assertTrue(house.carried.size() <= 6, deed + " carried " + house.carried.size());
            }
        }
    }

    @Test
    void aDoubtThatTheCustodianFailsOverStays() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        House first = clustered();
        first.script = new Script() {
            @Override
            public End end(Parcel parcel, int recipient) {
                return End.DELIVER;
            }

            @Override
            public void inTransit(Parcel parcel) throws InterruptedException {
                never.await();
            }
        };
        MessageId id = first.accept("a@one.example");
        await("it is in transit", () -> first.state(id, 0) == State.IN_TRANSIT);
        FakeSpool killed = first.spool.afterPowerLoss();
        never.countDown();
        first.close();

        AtomicInteger failures = new AtomicInteger();
        custodian.failsOver = turn -> turn.deed() == Deed.DOUBT && failures.incrementAndGet() <= 2;
        try (House next = clustered(killed)) {
            next.awaitEmpty();
            assertEquals(3, failures.get());
            assertEquals(1, next.depot.flights().possibleDuplicates());
            assertEquals(1, next.deliveries());
        }
    }

    @Test
    void theOutcomeWaitsForACustodianThatWentAway() {
        CountDownLatch gone = new CountDownLatch(1);
        try (House house = clustered()) {
            house.script = new Script() {
                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }

                @Override
                public void inTransit(Parcel parcel) {
                    house.depot.unbindCustodian(custodian);
                    gone.countDown();
                }
            };
            MessageId id = house.accept("a@one.example");
            await("the custodian went", () -> gone.getCount() == 0);
            assertEquals(State.IN_TRANSIT, house.state(id, 0));
            house.depot.bindCustodian(custodian);
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
            assertEquals("OUTCOME [0:DELIVERED@0]", house.spool.custody(id));
        }
    }

    @Test
    void theLastQuestionGoesToWhoeverIsCustodianThen() {
        CompletableFuture<Word> word = new CompletableFuture<>();
        custodian.alteration =
                turn -> turn.deed() == Deed.INTENT ? word : CompletableFuture.completedFuture(FakeCustodian.TWO);
        try (House house = clustered()) {
            MessageId id = house.accept("a@one.example");
            await("the intent is on disk", () -> house.state(id, 0) == State.IN_TRANSIT);
            FakeCustodian next = new FakeCustodian();
            next.goes = false;
            house.depot.bindCustodian(next);
            house.depot.unbindCustodian(custodian);
            word.complete(FakeCustodian.TWO);
            await("it was given back", () -> next.count(Deed.REST) > 0);
            assertEquals(0, house.deliveries());
            next.goes = true;
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void findsWhatAScanPassedByWhileSomebodyHadItLocked() {
        try (House house = clustered()) {
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
    void aSingleNodeWritesNoRecords() {
        try (House house = House.open()) {
            MessageId id = house.accept("a@one.example");
            house.awaitEmpty();
            assertEquals("-", house.spool.custody(id));
            assertNull(house.state(id, 0));
        }
    }

    private static Progress progress(int recipient, State state, long epoch, long sequence) {
        java.time.Instant now = Times.whole(java.time.Instant.now());
        return new Progress(recipient, state, epoch, sequence, 0, now, "", "", now);
    }

    private static Holdings.Holding copy(MessageId id, FakeSpool.FakeDraft draft, Progress progress) {
        return new Holdings.Holding(
                id,
                FakeCustodian.record("COPY"),
                List.of(progress),
                false,
                new Holdings.Copy(
                        House.envelope(id, Address.of("alice@example.org"), List.of("a@one.example")), draft));
    }

    private static Holdings.Holding holding(MessageId id, String record, boolean ours, Progress progress) {
        return new Holdings.Holding(id, FakeCustodian.record(record), List.of(progress), ours, null);
    }

    private static void keep(SpoolHoldings holdings, Holdings.Holding... all) {
        try {
            holdings.keep(List.of(all));
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }
}
