// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.cargo.Dock;
import org.posthouse.cluster.cargo.Shipping;
import org.posthouse.cluster.disk.RecordLedger;
import org.posthouse.cluster.hazelcast.HazelcastCarriage;
import org.posthouse.cluster.hazelcast.Place;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Keeper;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Register;
import org.posthouse.cluster.protocol.Rules;
import org.posthouse.cluster.protocol.Sighting;
import org.posthouse.cluster.protocol.Standing;
import org.posthouse.cluster.protocol.Station;
import org.posthouse.cluster.settings.ClusterSettings;
import org.posthouse.cluster.settings.Finder;
import org.posthouse.cluster.transport.Carriage;
import org.posthouse.cluster.transport.KeyRing;
import org.posthouse.cluster.transport.ParcelPeers;
import org.posthouse.cluster.transport.Traffic;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;
import org.posthouse.state.spi.Commons;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.Members;

/** This node as a member of the cluster: station, disk and net, from start to stop. */
public final class ClusterNode implements ClusterReport, AutoCloseable {
    private static final long TICK = 1_000;
    private static final long SWEEP = 200;
    private static final long FORGET = 5_000;
    private static final long CARE = 500;

    private final ClusterSettings settings;
    private final Rules rules;
    private final Clocks clocks = new SystemClocks();
    private final StationThread thread = new StationThread();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("posthouse-cluster-", 1).factory());
    private final LoggedDoubts journal = new LoggedDoubts(threads);
    private final RecordLedger ledger;
    private final Dock dock;
    private final Traffic traffic;
    private final ParcelPeers peers;
    private final Carriage carriage;
    private final Station station;
    private final Rounds rounds;
    private final ClusterCustodian custodian;
    private final CommonGround common;
    private final Members members;
    private final Bulletin bulletin = new Bulletin();
    private final ClusterMeters meters;
    private @Nullable Holdings holdings;
    private List<Register> fences = List.of();
    private boolean able;
    private boolean begun;
    private long swept;
    private volatile boolean served;
    private volatile Supplier<? extends @Nullable Clerk> clerk = () -> null;
    private volatile Report report;

    /**
     * A node that has not started yet.
     *
     * @throws IOException when a key or what it remembers can not be used; the message says why
     */
    public ClusterNode(ClusterSettings settings, Spool spool, Records records, Copies copies, MeterRegistry registry)
            throws IOException {
        this(
                settings,
                spool,
                records,
                copies,
                registry,
                receiver -> new HazelcastCarriage(
                        new Place(
                                settings.name(),
                                settings.self(),
                                settings.bind(),
                                settings.address(),
                                settings.others(),
                                new Finder(settings.allowPublic())),
                        receiver));
    }

    /** A node over another net. */
    ClusterNode(
            ClusterSettings settings,
            Spool spool,
            Records records,
            Copies copies,
            MeterRegistry registry,
            Function<Consumer<byte[]>, Carriage> net)
            throws IOException {
        this.settings = settings;
        this.rules = settings.rules();
        Membership members = settings.membership();
        KeyRing keys = KeyRing.read(settings.keys());
        this.dock = new Dock(spool, copies, clocks);
        this.ledger = new RecordLedger(members, spool, records, dock, thread, threads);
        ledger.load();
        this.traffic = new Traffic(registry);
        this.carriage = net.apply(this::arrive);
        this.peers = new ParcelPeers(members, clocks, rules.callTimeout(), keys, thread, carriage, traffic);
        Shipping shipping = new Shipping(spool, copies, dock, peers, thread, threads);
        peers.carry(threads, shipping);
        // On the stage, since a life that is begun here calls back from the disk.
        this.station = thread.enter(() -> new Station(members, rules, clocks, ledger, peers, journal, shipping));
        Standing standing = station.standing();
        ledger.onLost(station.custody()::forget);
        // A life stands on parcels only once it is on disk: after a crash it would begin again, and so would its
        // numbers.
        peers.serve(() -> standing.living() ? standing.self() : new Incarnation(settings.self(), 0), station::receive);
        this.rounds = new Rounds(settings.self(), rules.copies(), clocks, ledger, station.custody(), journal);
        this.custodian = new ClusterCustodian(members, rules, thread, station, ledger, () -> served);
        this.common = thread.enter(
                () -> new CommonGround(members, rules, clocks, thread, station, threads, () -> clerk.get(), registry));
        this.members = new KnownMembers(members, common, common.errands());
        this.report = thread.enter(this::look);
        this.meters = new ClusterMeters(registry, this);
    }

    /** Has the messages of this node in custody. */
    public ClusterCustodian custodian() {
        return custodian;
    }

    /** What others tell can be written from now on; the first time the node begins to live. */
    public void serve(Holdings place) {
        ledger.serve(place);
        thread.enter(() -> {
            holdings = place;
            journal.serve(place);
            served = true;
            if (!begun) {
                begun = true;
                ledger.ids().forEach(station.custody()::resume);
                start();
            }
            return true;
        });
        place.look();
    }

    /** The queue goes away; what others tell waits until it is back. */
    public void leave() {
        served = false;
        ledger.serve(null);
        thread.enter(() -> {
            holdings = null;
            journal.serve(null);
            return true;
        });
    }

    /** Who answers what other members ask the API of this node; he may come and go. */
    public void employ(Supplier<? extends @Nullable Clerk> found) {
        clerk = found;
    }

    private void arrive(byte[] parcel) {
        peers.arrive(parcel);
    }

    /** Begins to look for the others and to keep the lease. */
    private void start() {
        thread.every(TICK, this::tick);
        thread.every(SWEEP, this::sweep);
        thread.every(CARE, common::care);
        carriage.start();
    }

    private void tick() {
        station.tick();
        turned();
        station.custody().restless().forEach(station.custody()::work);
        common.tick();
        Report now = look();
        bulletin.compare(report, now);
        report = now;
    }

    private void sweep() {
        peers.tick();
        common.errands().tick();
        rounds.step();
        if (clocks.monotonic() - swept >= FORGET) {
            swept = clocks.monotonic();
            threads.execute(dock::sweep);
        }
    }

    /** What could not be delivered before may be now; what others had may be this node's to claim. */
    private void turned() {
        Standing standing = station.standing();
        if (standing.living()) {
            ledger.strangers().forEach(this::adopt);
        }
        boolean now = standing.leased() && standing.knowsItself();
        List<Register> over = standing.fences();
        boolean turned = now != able || !over.equals(fences);
        if (turned) {
            rounds.hurry();
        }
        Holdings place = holdings;
        // A lease that was missing between two ticks only is missed here.
        if (now && place != null && (station.custody().wasWanting() || turned)) {
            threads.execute(place::look);
        }
        able = now;
        fences = over;
    }

    /** A message from the time when there was no cluster. */
    private void adopt(Spool.Stored stored) {
        MessageId id = stored.envelope().id();
        if (ledger.find(id).isEmpty()) {
            Keeper me = new Keeper(settings.self(), station.standing().self().number(), true);
            HeldMessage record = station.custody().fresh(id, List.of(me), stored.progress());
            ledger.adopt(record, () -> {
                station.custody().resume(id);
                station.custody().work(id);
                Holdings place = holdings;
                if (place != null) {
                    threads.execute(place::look);
                }
            });
        }
    }

    private Report look() {
        Standing standing = station.standing();
        List<Member> all = new ArrayList<>();
        List<Sighting> others = standing.sightings();
        settings.members().forEach((name, socket) -> {
            boolean witness = settings.witnesses().contains(name);
            if (name.equals(settings.self())) {
                Condition own = !standing.living()
                        ? Condition.SETTLING
                        : standing.leased() ? Condition.HEARD : Condition.SILENT;
                all.add(new Member(
                        name,
                        socket.toString(),
                        witness,
                        true,
                        own,
                        standing.self().number(),
                        0));
            }
            others.stream()
                    .filter(s -> s.node().equals(name))
                    .forEach(s -> all.add(
                            new Member(name, socket.toString(), witness, false, condition(s), s.life(), latest(s))));
        });
        return new Report(
                settings.name(),
                settings.self(),
                standing.living(),
                standing.leased(),
                settings.membership().majority(),
                settings.copies(),
                carriage.trouble(),
                all,
                rounds.mail());
    }

    private Condition condition(Sighting s) {
        if (s.fenced()) {
            return Condition.FENCED;
        }
        long latest = latest(s);
        return latest < 0 ? Condition.UNKNOWN : latest < rules.lease() ? Condition.HEARD : Condition.SILENT;
    }

    private static long latest(Sighting s) {
        return s.renewed() < 0 ? s.answered() : s.answered() < 0 ? s.renewed() : Math.min(s.renewed(), s.answered());
    }

    @Override
    public Report report() {
        return report;
    }

    /** Whether new mail is taken, and finds what its answer promises. */
    public boolean takesMail() {
        return custodian.closed().isEmpty() && (settings.accept() || report.leased());
    }

    /** From now on others are to own what this node owns, or no more so. */
    public void leaving(boolean now) {
        custodian.leave(now);
        thread.enter(() -> {
            rounds.hasten(now);
            return true;
        });
    }

    /** What the nodes have in common beside the mail. */
    public Commons commons() {
        return common;
    }

    /** The members, each of which can be asked. */
    public Members members() {
        return members;
    }

    /** What is counted of its traffic. */
    Traffic traffic() {
        return traffic;
    }

    /** Stops without a word: a restart within 10 s is noticed by nobody. */
    @Override
    public void close() {
        thread.enter(() -> {
            common.errands().close();
            return true;
        });
        common.close();
        ledger.close();
        thread.close();
        carriage.close();
        threads.shutdownNow();
        meters.close();
        traffic.close();
    }
}
