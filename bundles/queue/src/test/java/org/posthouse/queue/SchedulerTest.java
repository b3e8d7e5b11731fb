// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Event;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Change.Step;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

@Timeout(120)
class SchedulerTest {
    private static Settings small(int messages) {
        Settings s = House.QUICK;
        return new Settings(s.retry(), s.expire(), 200, 20, 100, s.warnAfter(), messages, s.maxOctets());
    }

    private static Settings lanes(int all, int perSite) {
        Settings s = House.QUICK;
        return new Settings(s.retry(), s.expire(), all, perSite, 100, s.warnAfter(), s.maxMessages(), s.maxOctets());
    }

    @Test
    void deliversAThousandMessagesExactlyOnce() {
        try (House house = House.open()) {
            for (int i = 0; i < 1000; i++) {
                house.accept("bob" + i + "@site" + i % 37 + ".example");
            }
            house.awaitEmpty();
            assertEquals(1000, house.deliveries());
            assertEquals(1000, house.delivered.size());
            assertEquals(0, house.spool.loads, "what was just accepted is not read again");
        }
    }

    @Test
    void findsWhatWasAcceptedWithoutAScheduler() {
        House house = new House(new FakeSpool(), House.QUICK);
        for (int i = 0; i < 300; i++) {
            house.accept("bob@site" + i % 3 + ".example");
        }
        assertEquals(300, house.spool.messages());
        house.start();
        house.awaitEmpty();
        assertEquals(300, house.deliveries());
        house.close();
    }

    @Test
    void triesDeferredRecipientsAgainUntilTheyAreDelivered() {
        Map<String, AtomicInteger> tries = new ConcurrentHashMap<>();
        try (House house = House.open()) {
            house.script = (parcel, r) ->
                    tries.computeIfAbsent(parcel.message().envelope().id() + "/" + r, k -> new AtomicInteger())
                                            .incrementAndGet()
                                    < 4
                            ? End.DEFER
                            : End.DELIVER;
            for (int i = 0; i < 50; i++) {
                house.accept("a@one.example", "b@one.example", "c@two.example");
            }
            house.awaitEmpty();
            assertEquals(150, house.deliveries());
            assertTrue(tries.values().stream().allMatch(t -> t.get() == 4), tries.toString());
        }
    }

    @Test
    void expiresARecipientAtTheFirstFailureBehindItsTime() {
        try (House house = House.open()) {
            house.script = (parcel, r) -> End.DEFER;
            MessageId id = house.accept("a@one.example");
            await("it was deferred", () -> house.state(id, 0) == State.DEFERRED);
            house.pass(Duration.ofDays(6));
            house.awaitEmpty();
            assertEquals(0, house.deliveries());
        }
    }

    @Test
    void splitsParcelsAtTheMostRecipientsOfATransaction() {
        try (House house = House.open()) {
            String[] recipients = new String[250];
            for (int i = 0; i < recipients.length; i++) {
                recipients[i] = "bob" + i + "@one.example";
            }
            house.accept(recipients);
            house.awaitEmpty();
            assertEquals(250, house.deliveries());
            assertEquals(
                    List.of(50, 100, 100),
                    house.carried.stream()
                            .map(p -> p.recipients().size())
                            .sorted()
                            .toList());
        }
    }

    @Test
    void composesTheOutcomesOfManyParcelsOfOneMessage() {
        try (House house = House.open()) {
            String[] recipients = new String[3000];
            for (int i = 0; i < recipients.length; i++) {
                recipients[i] = "bob@site" + i % 500 + ".example";
            }
            Set<String> failedOnce = ConcurrentHashMap.newKeySet();
            house.script = (parcel, r) -> r % 3 == 0 && failedOnce.add("" + r) ? End.DEFER : End.DELIVER;
            house.accept(recipients);
            house.awaitEmpty();
            assertEquals(3000, house.deliveries());
            assertEquals(3000, house.delivered.size());
        }
    }

    @Test
    void givesBackWithoutCountingAnAttempt() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        try (House house = House.open()) {
            house.script = new Script() {
                @Override
                public boolean before(Lane lane, Parcel parcel) {
                    return tries.incrementAndGet() > 1;
                }

                @Override
                public End end(Parcel parcel, int recipient) {
                    assertEquals(0, parcel.message().progress().get(0).attempts());
                    return End.DELIVER;
                }
            };
            MessageId id = house.accept("a@one.example");
            await(
                    "it was given back",
                    () -> tries.get() == 1 && house.depot.flights().count() == 0);
            assertEquals(State.QUEUED, house.state(id, 0));
            assertTrue(
                    house.spool.load(id).orElseThrow().progress().get(0).due().isAfter(house.depot.now()));
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void aDeadSiteBlocksNobodyElseAndCostsLittle() {
        AtomicInteger dead = new AtomicInteger();
        try (House house = House.open(new FakeSpool(), small(200))) {
            house.script = new Script() {
                @Override
                public boolean before(Lane lane, Parcel parcel) {
                    if (!lane.site().name().equals("dead.example")) {
                        return true;
                    }
                    dead.incrementAndGet();
                    lane.unreachable(Duration.ofHours(1), "connection refused");
                    return false;
                }

                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }
            };
            house.giveBackFor = Duration.ofHours(1);
            for (int i = 0; i < 3000; i++) {
                house.accept("a@dead.example");
            }
            for (int i = 0; i < 100; i++) {
                house.accept("a@alive.example");
            }
            await("the living site got its mail", () -> house.deliveries() == 100);
            await(
                    "the rest waits on disk",
                    () -> house.spool.messages() == 3000
                            && house.depot.flights().count() == 0
                            && house.spool.index().get(0).due().isAfter(house.depot.now()));
            assertTrue(dead.get() <= 20, "attempts at the dead site: " + dead);
            house.script = House.DELIVER;
            // Longer than the pause and the spread behind it.
            house.pass(Duration.ofHours(3));
            house.awaitEmpty();
            assertEquals(3100, house.deliveries());
        }
    }

    @Test
    void mailTooOldForASiteThatPausesEndsInsteadOfGoingRound() {
        try (House house = House.open()) {
            house.giveBackFor = Duration.ofDays(4);
            house.script = new Script() {
                @Override
                public boolean before(Lane lane, Parcel parcel) {
                    lane.unreachable(Duration.ofDays(30), "connection refused");
                    return false;
                }

                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }
            };
            house.accept("a@dead.example");
            await(
                    "it was given back",
                    () -> house.carried.size() == 1 && house.depot.flights().count() == 0);
            house.pass(Duration.ofDays(6));
            house.awaitEmpty();
            assertEquals(0, house.deliveries());
            assertEquals(1, house.carried.size());
        }
    }

    @Test
    void aSlowSiteWithMoreMailThanMemoryBlocksNobodyElse() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        try (House house = House.open(new FakeSpool(), small(400))) {
            house.script = new Script() {
                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }

                @Override
                public void inTransit(Parcel parcel) throws InterruptedException {
                    if (parcel.site().name().equals("slow.example")) {
                        slow.await();
                    }
                }
            };
            for (int i = 0; i < 2000; i++) {
                house.accept("a@slow.example");
            }
            await("memory is as full as one site may make it", () -> house.scheduler.ready() > 100);
            for (int i = 0; i < 50; i++) {
                house.accept("a@quick.example");
            }
            await("the quick site got its mail", () -> house.deliveries() == 50);
            assertTrue(house.depot.flights().count() <= 400);
            slow.countDown();
            await("the slow site got its mail", () -> {
                house.pass(Duration.ofMinutes(1));
                return house.spool.messages() == 0;
            });
            house.awaitEmpty();
            assertEquals(2050, house.deliveries());
        }
    }

    @Test
    void neverHasMoreInMemoryThanTheBound() {
        FakeSpool spool = new FakeSpool();
        House house = new House(spool, small(64));
        Instant later = Instant.now().plus(Duration.ofHours(3));
        for (int i = 0; i < 200_000; i++) {
            Sealed.Admission a = house.admission("a@one.example");
            house.accept(new Sealed.Admission(a.envelope(), State.DEFERRED, later.plusMillis(i)));
        }
        for (int i = 0; i < 3000; i++) {
            house.accept("a@site" + i % 5 + ".example");
        }
        AtomicInteger most = new AtomicInteger();
        house.script = (parcel, r) -> {
            most.accumulateAndGet(house.depot.flights().count(), Math::max);
            return End.DELIVER;
        };
        house.start();
        for (int i = 0; i < 3000; i++) {
            house.accept("b@site" + i % 5 + ".example");
        }
        await("what was due is delivered", () -> house.deliveries() == 6000);
        house.quiet();
        assertEquals(200_000, spool.messages());
        assertTrue(most.get() <= 64 + 1, "in memory: " + most);
        assertTrue(spool.loads <= 6000, "read: " + spool.loads);
        assertEquals(0, spool.counts().recipients().getOrDefault(State.QUEUED, 0L));
        house.close();
    }

    @Test
    void scansBeginBehindWhatWasDelivered() {
        try (House house = House.open(new FakeSpool(), small(32))) {
            for (int i = 0; i < 500; i++) {
                house.accept("a@one.example");
            }
            house.awaitEmpty();
            Instant half = house.depot.now();
            int scans = house.spool.scannedFrom.size();
            for (int i = 0; i < 500; i++) {
                house.accept("a@one.example");
            }
            house.awaitEmpty();
            await("it was scanned again", () -> {
                house.scheduler.look();
                return house.spool.scannedFrom.size() > scans;
            });
            assertTrue(house.spool.scannedFrom.stream()
                    .skip(scans)
                    .allMatch(e -> e.due().isAfter(half.minusSeconds(30))));
        }
    }

    /** What another process finds, what was stored until then, and what was delivered. */
    private record Snapshot(FakeSpool spool, Set<MessageId> stored, Set<String> delivered) {}

    @Test
    void losesNothingWhenKilledAfterAnyCommit() {
        List<Snapshot> snapshots = new ArrayList<>();
        Set<MessageId> stored = ConcurrentHashMap.newKeySet();
        FakeSpool spool = new FakeSpool();
        Set<String> failedOnce = ConcurrentHashMap.newKeySet();
        try (House house = House.open(spool, House.QUICK)) {
            house.script = (parcel, r) ->
                    failedOnce.add(parcel.message().envelope().id() + "/" + r) && r == 1 ? End.DEFER : End.DELIVER;
            spool.onCommit(change -> {
                for (Step step : change.steps()) {
                    if (step instanceof Step.Store s) {
                        stored.add(s.envelope().id());
                    }
                }
                FakeSpool found = snapshots.size() % 2 == 0 ? spool.afterKill() : spool.afterPowerLoss();
                snapshots.add(new Snapshot(found, Set.copyOf(stored), Set.copyOf(house.delivered.keySet())));
            });
            for (int i = 0; i < 8; i++) {
                house.accept("a@one.example", "b@two.example", "c@one.example");
            }
            house.awaitEmpty();
            assertEquals(24, house.deliveries());
        }
        assertTrue(snapshots.size() > 40, "commits: " + snapshots.size());
        snapshots.forEach(SchedulerTest::restart);
    }

    private static void restart(Snapshot snapshot) {
        Set<String> expected = ConcurrentHashMap.newKeySet();
        int inTransit = 0;
        for (Spool.Stored message : snapshot.spool().list(null, 100)) {
            for (Progress p : message.progress()) {
                if (!p.state().ended()) {
                    expected.add(message.envelope().id() + "/" + p.recipient());
                }
                inTransit += p.state() == State.IN_TRANSIT ? 1 : 0;
            }
        }
        for (MessageId id : snapshot.stored()) {
            for (int r = 0; r < 3; r++) {
                String key = id + "/" + r;
                assertTrue(expected.contains(key) || snapshot.delivered().contains(key), "lost: " + key);
            }
        }
        try (House next = House.open(snapshot.spool(), House.QUICK)) {
            next.awaitEmpty();
            assertEquals(expected, next.delivered.keySet());
            assertTrue(next.delivered.values().stream().allMatch(n -> n.get() == 1));
            assertEquals(inTransit, next.depot.flights().possibleDuplicates());
            assertEquals(
                    inTransit,
                    next.events.stream()
                            .filter(SchedulerTest::possibleDuplicate)
                            .count());
        }
    }

    private static boolean possibleDuplicate(Event e) {
        return e.type() == Event.Type.TRANSIENT_FAILURE
                && "true".equals(e.facts().get("inTransitAtCrash"));
    }

    @Test
    void retriesAnOutcomeThatCouldNotBeWritten() {
        for (boolean applied : new boolean[] {false, true}) {
            FakeSpool spool = new FakeSpool();
            try (House house = House.open(spool, House.QUICK)) {
                house.script = (parcel, r) ->
                        r == 1 && parcel.message().progress().get(1).attempts() == 0 ? End.DEFER : End.DELIVER;
                spool.failNext(new FakeSpool.Fault(
                        c -> c.synced() && c.steps().stream().anyMatch(SchedulerTest::outcome),
                        applied,
                        SpoolException.Kind.SICK));
                MessageId id = house.accept("a@one.example", "b@one.example");
                await("the disk failed", () -> !spool.condition().working());
                assertEquals(SpoolException.Kind.SICK, house.intake.readiness().trouble());
                spool.heal();
                house.awaitEmpty();
                assertEquals(1, house.delivered.get(id + "/0").get());
                assertEquals(1, house.delivered.get(id + "/1").get());
                assertTrue(house.intake.readiness().open());
            }
        }
    }

    private static boolean outcome(Step step) {
        return step instanceof Step.Remove
                || step instanceof Step.Advance a && a.progress().state() == State.DELIVERED;
    }

    @Test
    void stopsDeliveriesWhileTheDiskIsSick() {
        FakeSpool spool = new FakeSpool();
        try (House house = House.open(spool, House.QUICK)) {
            spool.failNext(new FakeSpool.Fault(c -> !c.synced(), false, SpoolException.Kind.SICK));
            for (int i = 0; i < 20 && spool.condition().working(); i++) {
                try {
                    house.intake.accept(List.of(house.admission("a@one.example")), null);
                } catch (SpoolException e) {
                    assertEquals(SpoolException.Kind.SICK, e.kind());
                }
            }
            await("the disk failed", () -> !spool.condition().working());
            int before = house.deliveries();
            await("the lanes ended", () -> house.scheduler.lanes() == 0);
            assertEquals(before, house.deliveries());
            spool.heal();
            house.awaitEmpty();
        }
    }

    @Test
    void aMessageWhoseEntryStandsElsewhereKeepsOne() throws Exception {
        House house = new House(new FakeSpool(), House.QUICK);
        Sealed.Admission admission = house.admission("a@one.example");
        MessageId id = admission.envelope().id();
        Entry entry = Entry.of(admission);
        Instant elsewhere = entry.due().plusMillis(5);
        house.spool.commit(new Change()
                .add(new Change.Step.Store(admission.envelope(), entry.stored().progress(), null))
                .add(new Change.Step.Due(id, null, elsewhere)));
        AtomicInteger asked = new AtomicInteger();
        house.settled = domain -> {
            if (domain.equals("one.example") && asked.incrementAndGet() == 1) {
                house.accept("b@two.example"); // Synced, and with it whatever was done to the index before.
                house.spool.sicken(); // The recipient is let go without a record.
            }
            return null;
        };
        house.start();
        await(
                "the recipient was let go",
                () -> asked.get() == 1 && house.depot.flights().count() == 0);
        house.spool.heal();
        await("both are delivered", () -> {
            house.pass(Duration.ofSeconds(1));
            return house.deliveries() == 2;
        });
        house.awaitEmpty();
        house.close();
    }

    @Test
    void aFullDiskRefusesMailAndDeliversIt() throws Exception {
        FakeSpool spool = new FakeSpool();
        try (House house = House.open(spool, House.QUICK)) {
            house.accept("a@one.example");
            spool.fill();
            assertEquals(SpoolException.Kind.FULL, house.intake.readiness().trouble());
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void aDamagedMessageIsSetAsideAndStopsNobody() throws Exception {
        FakeSpool spool = new FakeSpool();
        House house = new House(spool, House.QUICK);
        MessageId bad = house.accept("a@one.example");
        house.accept("a@one.example");
        spool.damaged.add(bad);
        house.start();
        house.awaitEmpty();
        assertEquals(1, house.deliveries());
        assertEquals(
                List.of(bad.toString()),
                spool.setAside().stream().map(Spool.SetAside::what).toList());
        house.close();
    }

    @Test
    void aSchedulerThatIsReplacedForgetsNothing() {
        House house = House.open();
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 100; i++) {
                house.accept("a@site" + i % 7 + ".example");
            }
            house.stop();
            house.accept("b@one.example");
            house.start();
        }
        house.awaitEmpty();
        assertEquals(1010, house.deliveries());
        house.close();
    }

    @Test
    void aSiteWithoutAConnectionGetsOneOfThoseInUse() throws Exception {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (House house = House.open(new FakeSpool(), lanes(3, 3))) {
            house.script = new Script() {
                @Override
                public boolean before(Lane lane, Parcel parcel) {
                    most.accumulateAndGet(open.incrementAndGet(), Math::max);
                    return true;
                }

                @Override
                public End end(Parcel parcel, int recipient) {
                    open.decrementAndGet();
                    return End.DELIVER;
                }
            };
            for (int i = 0; i < 3000; i++) {
                house.accept("a@big.example");
            }
            for (int i = 0; i < 10; i++) {
                house.accept("a@site" + i + ".example");
            }
            house.awaitEmpty();
            assertEquals(3010, house.deliveries());
            assertTrue(most.get() <= 3, "at once: " + most);
        }
    }

    @Test
    void whatACarrierTakesAndForgetsComesBack() {
        AtomicInteger tries = new AtomicInteger();
        try (House house = House.open()) {
            house.script = new Script() {
                @Override
                public boolean before(Lane lane, Parcel parcel) {
                    if (tries.incrementAndGet() == 1) {
                        throw new IllegalStateException("broken");
                    }
                    return true;
                }

                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }
            };
            house.accept("a@one.example");
            await(
                    "it came back",
                    () -> tries.get() == 1 && house.depot.flights().count() == 0);
            house.pass(Duration.ofMinutes(2));
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void whatThePlannerDecidesIsConcludedWithoutAConnection() {
        try (House house = House.open()) {
            house.settled = domain -> domain.equals("null.example") ? House.decided(556, "5.1.10") : null;
            house.accept("a@null.example", "b@one.example");
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
            assertEquals(1, house.carried.size());
        }
    }

    @Test
    void waitsForTheDueTimeAHookAskedFor() {
        try (House house = House.open()) {
            Sealed.Admission a = house.admission("a@one.example");
            house.accept(new Sealed.Admission(
                    a.envelope(), State.QUEUED, house.depot.now().plusSeconds(3600)));
            house.accept("b@one.example");
            await("the other one is delivered", () -> house.deliveries() == 1);
            assertEquals(1, house.spool.messages());
            house.pass(Duration.ofHours(2));
            house.awaitEmpty();
            assertEquals(2, house.deliveries());
        }
    }

    @Test
    void acceptsAsFastWithManyDeferredMessages() throws Exception {
        FakeSpool spool = new FakeSpool();
        House house = new House(spool, House.QUICK);
        Instant later = Instant.now().plus(Duration.ofHours(3));
        for (int i = 0; i < 100_000; i++) {
            Sealed.Admission a = house.admission("a@one.example");
            house.accept(new Sealed.Admission(a.envelope(), State.DEFERRED, later.plusMillis(i)));
        }
        house.start();
        int scans = spool.scannedFrom.size();
        for (int i = 0; i < 1000; i++) {
            house.accept("b@one.example");
        }
        await("all is delivered", () -> house.deliveries() == 1000);
        house.quiet();
        assertTrue(spool.scannedFrom.size() - scans < 200, "what is deferred is not looked at for each message");
        assertEquals(0, spool.loads);
        assertFalse(house.scheduler.oldest().isPositive());
        house.close();
    }

    @Test
    void saysWhenTheSchedulerIsStuck() {
        assertTrue(SchedulerComponent.health(Duration.ofSeconds(6)).ready());
        assertFalse(SchedulerComponent.health(Duration.ofMinutes(2)).ready());
        assertTrue(SchedulerComponent.health(Duration.ofMinutes(2)).alive());
        assertFalse(SchedulerComponent.health(Duration.ofMinutes(6)).alive());
    }

    @Test
    void commitsAnAcceptanceAsOneChange() throws Exception {
        House house = new House(new FakeSpool(), House.QUICK);
        List<Change> changes = new ArrayList<>();
        house.spool.onCommit(changes::add);
        MessageId first = MessageId.next();
        Sealed.Admission parent = new Sealed.Admission(
                House.envelope(first, org.posthouse.api.Address.NULL, List.of("a@one.example")),
                State.HELD,
                house.depot.now());
        var receipt = house.intake.accept(List.of(parent, house.admission("b@one.example")), house.spool.draft(first));
        assertEquals(first, receipt.id());
        assertEquals(1, receipt.copies());
        assertEquals(1, changes.size());
        assertTrue(changes.get(0).synced());
        assertEquals(3, changes.get(0).steps().size(), "two envelopes, and one that is due");
        assertEquals(List.of(), house.spool.inconsistencies());
        house.close();
    }
}
