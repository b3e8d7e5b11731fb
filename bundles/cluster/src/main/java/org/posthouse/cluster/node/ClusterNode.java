// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.cluster.disk.RegisterLedger;
import org.posthouse.cluster.hazelcast.HazelcastCarriage;
import org.posthouse.cluster.hazelcast.Place;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Rules;
import org.posthouse.cluster.protocol.Sighting;
import org.posthouse.cluster.protocol.Standing;
import org.posthouse.cluster.protocol.Station;
import org.posthouse.cluster.settings.ClusterSettings;
import org.posthouse.cluster.transport.KeyRing;
import org.posthouse.cluster.transport.ParcelPeers;
import org.posthouse.cluster.transport.Traffic;
import org.posthouse.telemetry.spi.ClusterReport;

/** This node as a member of the cluster: station, disk and net, from start to stop. */
public final class ClusterNode implements ClusterReport, AutoCloseable {
    private static final long TICK = 1_000;
    private static final long SWEEP = 200;

    private final ClusterSettings settings;
    private final Rules rules;
    private final Clocks clocks = new SystemClocks();
    private final StationThread thread = new StationThread();
    private final RegisterLedger ledger;
    private final Traffic traffic;
    private final ParcelPeers peers;
    private final HazelcastCarriage carriage;
    private final Station station;
    private final Bulletin bulletin = new Bulletin();
    private final ClusterMeters meters;
    private volatile Report report;

    /**
     * A node that has not started yet.
     *
     * @param folder where it keeps what it must remember
     * @throws IOException when a key or what it remembers can not be used; the message says why
     */
    public ClusterNode(ClusterSettings settings, Path folder, MeterRegistry registry) throws IOException {
        this.settings = settings;
        this.rules = settings.rules();
        KeyRing keys = KeyRing.read(settings.keys());
        this.ledger = new RegisterLedger(folder, settings.self(), thread);
        this.traffic = new Traffic(registry);
        this.carriage = new HazelcastCarriage(
                new Place(settings.name(), settings.self(), settings.bind(), settings.address(), settings.others()),
                this::arrive);
        this.peers =
                new ParcelPeers(settings.membership(), clocks, rules.callTimeout(), keys, thread, carriage, traffic);
        // On its thread, since a life that is begun here calls back from the disk.
        this.station =
                thread.make(() -> new Station(settings.membership(), rules, clocks, ledger, peers, new LoggedDoubts()));
        Standing standing = station.standing();
        // A life stands on parcels only once it is on disk: after a crash it would begin again, and so would its
        // numbers.
        peers.serve(() -> standing.living() ? standing.self() : new Incarnation(settings.self(), 0), station::receive);
        this.report = thread.make(this::look);
        this.meters = new ClusterMeters(registry, this);
    }

    private void arrive(byte[] parcel) {
        peers.arrive(parcel);
    }

    /** Begins to look for the others and to keep the lease. */
    public void start() {
        thread.every(TICK, this::tick);
        thread.every(SWEEP, peers::tick);
        carriage.start();
    }

    private void tick() {
        station.tick();
        Report now = look();
        bulletin.compare(report, now);
        report = now;
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
                all);
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

    /** Whether new mail finds what its answer promises. */
    public boolean takesMail() {
        return settings.accept() || report.leased();
    }

    /** What is counted of its traffic. */
    Traffic traffic() {
        return traffic;
    }

    /** Stops without a word: a restart within 10 s is noticed by nobody. */
    @Override
    public void close() {
        thread.close();
        carriage.close();
        ledger.close();
        meters.close();
        traffic.close();
    }
}
