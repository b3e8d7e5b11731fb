// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.Charges.accepting;
import static org.posthouse.queue.Charges.clustered;
import static org.posthouse.queue.Charges.custody;
import static org.posthouse.queue.Charges.held;
import static org.posthouse.queue.Charges.keep;
import static org.posthouse.queue.Charges.progress;
import static org.posthouse.queue.Charges.settle;
import static org.posthouse.queue.Charges.text;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Custodian.Deed;
import org.posthouse.queue.spi.Custodian.Word;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.queue.spi.Intake;
import org.posthouse.queue.spi.Lane;
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

    @Test
    void withholdsTheReceiptAndTheDeliveryUntilTheOthersHaveAnswered() throws Exception {
        CompletableFuture<Word> word = new CompletableFuture<>();
        custodian.admission = entering -> word;
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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

    @Test
    void makesNoFinalDotBeforeTheOthersKnowOfTheIntent() {
        CompletableFuture<Word> word = new CompletableFuture<>();
        custodian.alteration =
                turn -> turn.deed() == Deed.INTENT ? word : CompletableFuture.completedFuture(FakeCustodian.TWO);
        CountDownLatch dot = new CountDownLatch(1);
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
            try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
    void announcesAnEndThatNoFinalDotCameBefore() {
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
}
