// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.Charges.accepting;
import static org.posthouse.queue.Charges.clustered;
import static org.posthouse.queue.Charges.held;
import static org.posthouse.queue.Charges.killedInTransit;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.Charges.Killed;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Custodian.Deed;
import org.posthouse.queue.spi.Custodian.Word;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** What the queue does while the cluster is not there, or fails: nothing that could be wrong. */
@Timeout(60)
class AbsentCustodianTest {
    private final FakeCustodian custodian = new FakeCustodian();

    @Test
    void aCustodianThatIsNotThereStopsEverything() throws Exception {
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
            try (House house = clustered(custodian)) {
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
        Killed killed = killedInTransit(custodian, "a@one.example");
        AtomicInteger failures = new AtomicInteger();
        custodian.failsOver = turn -> turn.deed() == Deed.DOUBT && failures.incrementAndGet() <= 2;
        try (House next = clustered(custodian, killed.spool())) {
            next.awaitEmpty();
            assertEquals(3, failures.get());
            assertEquals(1, next.depot.flights().possibleDuplicates());
            assertEquals(1, next.deliveries());
        }
    }

    @Test
    void theOutcomeWaitsForACustodianThatWentAway() {
        CountDownLatch gone = new CountDownLatch(1);
        try (House house = clustered(custodian)) {
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
        try (House house = clustered(custodian)) {
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
    void aSingleNodeWritesNoRecords() {
        try (House house = House.open()) {
            MessageId id = house.accept("a@one.example");
            house.awaitEmpty();
            assertEquals("-", house.spool.custody(id));
            assertNull(house.state(id, 0));
        }
    }
}
