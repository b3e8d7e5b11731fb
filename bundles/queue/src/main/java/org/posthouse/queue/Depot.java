// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What intake, ledger, queue and scheduler share: the spool, the messages in memory and the cursor of the due index. It
 * outlives the scheduler, so that mail is taken while delivery is being replaced.
 */
@Component(service = Depot.class, configurationPid = "queue", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Depot.Config.class)
public final class Depot implements AutoCloseable {
    /** The key {@code queue}. */
    @ObjectClassDefinition(name = "Queue", description = "How long mail waits, and how much of it moves at once.")
    @interface Config {
        @Unit(Unit.Kind.SCHEDULE)
        @AttributeDefinition(
                defaultValue = "1m,5m*2,15m,1h*6,4h",
                description = "Pauses between attempts, jittered by a tenth; the last one repeats.")
        String retry();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "5d",
                description = "How long after its arrival a message is given up and its sender told.")
        long expire();

        @AttributeDefinition(defaultValue = "200", min = "1", description = "Connections to all sites together.")
        int maxConnections();

        @AttributeDefinition(defaultValue = "20", min = "1", description = "Connections to one site.")
        int maxConnectionsPerSite();

        @AttributeDefinition(
                defaultValue = "100",
                min = "1",
                description = "Recipients of one transaction (RFC 5321 4.5.3.1.8: every server takes 100).")
        int maxRecipientsPerTransaction();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "0s",
                description = "After which time in the queue the sender is told of the delay; 0s is never.")
        long warnAfter();

        @AttributeDefinition(
                defaultValue = "10000",
                min = "16",
                description = "Messages in memory; all others wait on disk.")
        int maxMessagesInMemory();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(defaultValue = "32MB", description = "Envelopes in memory, estimated.")
        long maxMemory();

        @AttributeDefinition(
                defaultValue = "true",
                description = "Whether deliveries begin; when false, mail is taken and kept, for maintenance.")
        boolean dispatch();
    }

    /** Takes messages that were just committed. */
    interface Taker {
        /** Whether a message is wanted; {@code null} is no, true is past those that wait on disk. */
        @Nullable
        Boolean wants(Spool.Stored message);

        /** Takes a pinned flight; false when there is nobody any more. */
        boolean take(Flight flight);

        /** The sites that mail waits for. */
        List<Queue.SiteLine> sites();

        /** Deliveries may not begin any more, or may again. */
        void turned();

        /** How many deliveries and what belongs to them are on their way. */
        int busy();
    }

    private static final Logger LOG = LoggerFactory.getLogger(Depot.class);
    private static final int MOST_URGENT = 10_000;

    private final Spool spool;
    private final EventSink events;
    private final Clocks clocks;
    private final @Nullable Vault vault;
    private final DueCursor cursor = new DueCursor();
    private final Scribe scribe;
    private final Flights flights;
    private final AutoCloseable watch;
    private final Set<MessageId> urgent = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean worked;
    private volatile boolean closed;
    private volatile boolean drains;
    private volatile Settings settings;
    private volatile @Nullable Taker taker;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile @Nullable NoticeWriter notices;

    @Activate
    public Depot(@Reference Spool spool, @Reference Vault vault, @Reference EventSink events, Config config) {
        this(spool, vault, events, Clocks.SYSTEM, convert(config), null);
    }

    Depot(
            Spool spool,
            @Nullable Vault vault,
            EventSink events,
            Clocks clocks,
            Settings settings,
            @Nullable NoticeWriter notices) {
        this.spool = spool;
        this.events = events;
        this.clocks = clocks;
        this.vault = vault;
        this.settings = settings;
        this.notices = notices;
        this.scribe = new Scribe(spool);
        this.flights = new Flights(spool, scribe, events, clocks.wall(), cursor);
        this.worked = spool.condition().working();
        this.watch = spool.onCondition(this::turned);
    }

    private static Settings convert(Config config) {
        return new Settings(
                RetrySchedule.parse(config.retry()),
                Duration.ofMillis(config.expire()),
                config.maxConnections(),
                config.maxConnectionsPerSite(),
                config.maxRecipientsPerTransaction(),
                Duration.ofMillis(config.warnAfter()),
                config.maxMessagesInMemory(),
                config.maxMemory(),
                config.dispatch());
    }

    /** A cluster has the messages in custody. */
    @Reference(
            name = "custodian",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindCustodian(Custodian custodian) {
        scribe.serve(custodian);
        if (drains) {
            scribe.leaving(true);
        }
        cursor.reset();
    }

    /** Nothing moves until it is back: a missing custodian must not look like a single node. */
    void unbindCustodian(Custodian custodian) {
        scribe.leave(custodian);
    }

    /** Takes new limits and schedules while mail keeps moving. */
    @Modified
    void modified(Config config) {
        settings = convert(config);
    }

    @Override
    @Deactivate
    public void close() {
        closed = true;
        signal();
        try {
            watch.close();
        } catch (Exception e) {
            LOG.warn("The spool did not let its listener go", e);
        }
    }

    private void turned(Spool.Condition now) {
        boolean healed = now.working() && !worked;
        worked = now.working();
        if (healed) {
            // A commit whose fate was unknown may have happened, and an unsynced one may be lost.
            flights.distrust();
            cursor.reset();
        }
        signal();
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the spool may work again, for an outcome that must not be lost.
     *
     * @throws SpoolException the given trouble, when the queue is being stopped
     */
    void awaitWorking(SpoolException trouble) throws SpoolException {
        lock.lock();
        try {
            boolean first = true;
            while (!closed && (first || !spool.condition().working())) {
                // Also without a signal: the disk may be full without the store being sick.
                boolean signalled = changed.await(200, TimeUnit.MILLISECONDS);
                first = false;
                LOG.trace("Spool looked at again, signalled: {}", signalled);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw trouble;
        } finally {
            lock.unlock();
        }
        if (closed) {
            throw trouble;
        }
    }

    /** Expects a message that is about to be committed. Never blocks. */
    Arrival expect(Entry entry) {
        return new Arrival(this, entry, taker);
    }

    /**
     * Commits messages that a client hands over, waits for what the others say, and then hands them on or leaves them.
     *
     * @return what the client is to be told
     */
    Custodian.Word admit(Change change, List<Entry> entries, @Nullable Draft draft) throws SpoolException {
        String closed = scribe.closed();
        if (!closed.isEmpty()) {
            throw new SpoolException(SpoolException.Kind.SICK, closed);
        }
        // Before the custodian hears of them: he is owed an end from then on.
        List<Arrival> arrivals = entries.stream().map(this::expect).toList();
        boolean committed = false;
        boolean accepted = false;
        try {
            Custodian.Pledge pledge =
                    scribe.admit(entries.stream().map(Entry::stored).toList(), draft, change);
            scribe.commit(change, pledge);
            committed = true;
            Custodian.Word word = Scribe.hear(pledge);
            accepted = word.kind() == Custodian.Word.Kind.ACCEPTED;
            return word;
        } finally {
            arrivals.forEach(accepted ? Arrival::board : committed ? Arrival::leave : Arrival::fail);
        }
    }

    /** Commits a revision with messages that enter the queue by it, and hands them over. */
    void commit(Custodian.Deed deed, Revision revision, Change change, List<Entry> entries) throws SpoolException {
        List<Arrival> arrivals = entries.stream().map(this::expect).toList();
        boolean committed = false;
        try {
            scribe.write(deed, revision, change, entries);
            committed = true;
        } finally {
            arrivals.forEach(committed ? Arrival::board : Arrival::fail);
        }
    }

    /** The scheduler that takes what arrives; null when there is none. */
    void serve(@Nullable Taker next) {
        taker = next;
    }

    /** The sites that mail waits for; none without a scheduler. */
    List<Queue.SiteLine> sites() {
        Taker now = taker;
        return now == null ? List.of() : now.sites();
    }

    /** The next dispatch of this message ignores that its site pauses. */
    void urge(MessageId id) {
        if (urgent.size() < MOST_URGENT) {
            urgent.add(id);
        }
    }

    /** Whether the message was urged; asked once. */
    boolean urged(MessageId id) {
        return !urgent.isEmpty() && urgent.remove(id);
    }

    boolean working() {
        return spool.condition().working();
    }

    /** Whether deliveries may begin. */
    boolean dispatches() {
        return settings.dispatch() && !drains && working();
    }

    /** No more mail comes in, no more deliveries begin, and others are to own what this node owns; or no more so. */
    void drain(boolean now) {
        drains = now;
        scribe.leaving(now);
        Taker there = taker;
        if (there != null) {
            there.turned();
        }
    }

    /** Whether nothing new is to begin here. */
    boolean drains() {
        return drains;
    }

    /** How many deliveries are on their way. */
    int busy() {
        Taker there = taker;
        return there == null ? 0 : there.busy();
    }

    Spool spool() {
        return spool;
    }

    Scribe scribe() {
        return scribe;
    }

    EventSink events() {
        return events;
    }

    Instant now() {
        return clocks.wall().instant();
    }

    /** By the clock that does not jump. */
    long nanos() {
        return clocks.nanos().getAsLong();
    }

    /** Where it is remembered how late it was; null is nowhere. */
    @Nullable
    Vault vault() {
        return vault;
    }

    DueCursor cursor() {
        return cursor;
    }

    Flights flights() {
        return flights;
    }

    Settings settings() {
        return settings;
    }

    @Nullable
    NoticeWriter notices() {
        return notices;
    }
}
