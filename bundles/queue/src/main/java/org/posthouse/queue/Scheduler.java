// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.queue.spi.Carrier;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 7 of 9: knows what is due, has it planned and brings it to the yard, whose lanes the courier (step 8, in delivery)
 * serves. A bounded number of messages is in memory; the rest waits in the due index on disk.
 */
final class Scheduler implements Depot.Taker, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    private static final int PAGE = 256;
    /** Messages that are read at once; bounds by how much large envelopes can exceed the memory bound. */
    private static final int LOADS = 16;
    /** Planning may wait for DNS, so there are more planners than queries of one dead domain. */
    private static final int PLANNERS = 256;

    private static final long LONGEST_REST = Duration.ofSeconds(5).toMillis();
    private static final long SHORTEST_REST = 20;
    /** How long what was refused rests. */
    private static final Duration RECALL = Duration.ofSeconds(1);

    private static final Duration FAREWELL = Duration.ofSeconds(10);
    /** Everything due is looked for anew so often, in case an entry was ever passed by. */
    private static final Duration ROUND = Duration.ofMinutes(15);

    private final Depot depot;
    private final Flights flights;
    private final Carrier carrier;
    private final Crew loaders = new Crew("loader", LOADS);
    private final Crew planners = new Crew("planner", PLANNERS);
    private final Crew returns = new Crew("returns", 64);
    private final Semaphore loads = new Semaphore(LOADS);
    private final Yard yard;
    private final Dispatch dispatch;
    private final ClockWatch clockWatch;
    private final LongAdder scans = new LongAdder();
    private final LongAdder scanned = new LongAdder();
    private final LongAdder loaded = new LongAdder();
    private final AutoCloseable watch;
    private final Thread thread;
    private volatile boolean open = true;
    private volatile boolean rung;
    /** More is due on disk than there is room for. */
    private volatile boolean hungry;

    private volatile long wake;
    private volatile long tickedAt = System.nanoTime();
    private long round;
    private long revived;

    Scheduler(Depot depot, Planner planner, Carrier carrier, Pipeline pipeline) {
        this.depot = depot;
        this.flights = depot.flights();
        this.carrier = carrier;
        this.yard = new Yard(depot, this::open, this::back);
        this.clockWatch = new ClockWatch(depot, yard, () -> open);
        SpoolLedger ledger = new SpoolLedger(depot);
        this.dispatch = new Dispatch(depot, planner, carrier, yard, ledger, new Judgement(depot, pipeline, ledger));
        this.round = depot.nanos();
        this.revived = round;
        this.watch = depot.spool().onCondition(condition -> ring());
        this.thread = Thread.ofVirtual().name("scheduler").unstarted(this::loop);
    }

    /** Begins with everything that is due, from the start of the index. */
    void start() {
        depot.cursor().reset();
        depot.cursor().listen(entry -> {
            if (!hungry && entry.due().toEpochMilli() < wake) {
                ring();
            }
        });
        flights.listen(() -> {
            if (hungry && resumes()) {
                ring();
            }
        });
        depot.serve(this);
        thread.start();
    }

    /** Opens no more lanes and waits a while for those that are open; the state on disk is right at any time. */
    @Override
    public void close() {
        depot.serve(null);
        depot.cursor().listen(entry -> {});
        flights.listen(() -> {});
        open = false;
        ring();
        loaders.close();
        planners.close();
        clockWatch.close();
        yard.close().forEach(this::giveBack);
        try {
            watch.close();
            if (!yard.await(FAREWELL)) {
                LOG.warn("{} connections were still open when the scheduler stopped", yard.lanes());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("The spool did not let its listener go", e);
        }
        returns.close();
    }

    /** What waits for a lane that will not come is found again on disk. */
    private void giveBack(Parcel parcel) {
        dispatch.giveBack(new Yard.Return(parcel, Yard.CLOSED, ""));
    }

    /** Looks at once. */
    void look() {
        ring();
    }

    private void ring() {
        rung = true;
        LockSupport.unpark(thread);
    }

    private void loop() {
        while (open) {
            long rest;
            try {
                rest = tick();
            } catch (RuntimeException e) {
                LOG.error("The scheduler stumbled", e);
                rest = LONGEST_REST;
            }
            tickedAt = System.nanoTime();
            if (!rung && open) {
                LockSupport.parkNanos(rest * 1_000_000);
            }
            rung = false;
        }
    }

    /** One look at what is due; returns for how many milliseconds nothing is. */
    private long tick() {
        Instant now = depot.now();
        if (depot.working()) {
            clockWatch.look(now);
        }
        if (!depot.dispatches()) {
            return LONGEST_REST;
        }
        long nanos = depot.nanos();
        if (nanos - revived > RECALL.toNanos()) {
            revived = nanos;
            yard.revive();
            depot.cursor().recall();
        }
        if (nanos - round > ROUND.toNanos()) {
            round = nanos;
            depot.cursor().reset();
        }
        // Whatever is noted from now on rings, until it is known again what comes next.
        wake = Long.MAX_VALUE;
        wake = Math.min(timers(now), scan(now));
        long rest = wake - depot.now().toEpochMilli();
        return Math.clamp(rest, SHORTEST_REST, depot.cursor().recalls() ? RECALL.toMillis() : LONGEST_REST);
    }

    /** Recipients that are due again while others of their message are still on their way. */
    private long timers(Instant now) {
        for (Spool.DueEntry first : flights.timers()) {
            if (first.due().isAfter(now)) {
                return first.due().toEpochMilli();
            }
            flights.timers().remove(first);
            Flight flight = flights.pin(first.id());
            if (flight != null && !take(flight)) {
                drop(flight);
            }
        }
        return Long.MAX_VALUE;
    }

    private void drop(Flight flight) {
        flights.unpin(flight);
        flights.close(flight);
    }

    /** Takes what is due from the index while there is room; returns when the next entry is due. */
    private long scan(Instant now) {
        if (hungry && !resumes()) {
            return now.toEpochMilli() + LONGEST_REST;
        }
        while (open && room()) {
            Spool.DueEntry from = depot.cursor().begin();
            Spool.DueEntry reached = from;
            try {
                List<Spool.DueEntry> page = depot.spool().due(from, PAGE);
                scans.increment();
                for (Spool.DueEntry entry : page) {
                    if (entry.due().isAfter(now)) {
                        hungry = false;
                        return entry.due().toEpochMilli();
                    }
                    if (!room()) {
                        hungry = true;
                        return now.toEpochMilli() + LONGEST_REST;
                    }
                    load(entry);
                    reached = entry;
                }
                if (page.size() < PAGE) {
                    hungry = false;
                    return Long.MAX_VALUE;
                }
            } catch (SpoolException e) {
                LOG.warn("The due index can not be read", e);
                return now.toEpochMilli() + 1000;
            } finally {
                depot.cursor().end(reached);
            }
        }
        hungry = true;
        return now.toEpochMilli() + LONGEST_REST;
    }

    private void load(Spool.DueEntry entry) {
        scanned.increment();
        Flight flight = flights.reserve(entry);
        if (flight == null) {
            return;
        }
        loads.acquireUninterruptibly();
        if (!loaders.submit(() -> load(flight, entry))) {
            loads.release();
            drop(flight);
        }
    }

    private void load(Flight flight, Spool.DueEntry entry) {
        Dispatch.Taken taken;
        try {
            taken = dispatch.begin(flight, entry);
            loaded.increment();
        } finally {
            loads.release();
        }
        if (taken != null && !planners.submit(() -> dispatch.proceed(taken))) {
            dispatch.drop(taken);
        }
    }

    private int fromDisk() {
        return flights.count() - flights.expressCount();
    }

    private boolean room() {
        Settings settings = depot.settings();
        return fromDisk() < settings.maxMessages() / 4 * 3 && flights.octets() < settings.maxOctets() / 4 * 3;
    }

    private boolean resumes() {
        Settings settings = depot.settings();
        return fromDisk() < settings.maxMessages() / 8 * 5 && flights.octets() < settings.maxOctets() / 8 * 5;
    }

    @Override
    public @Nullable Boolean wants(Spool.Stored message) {
        if (!open || !depot.dispatches()) {
            return null;
        }
        if (!hungry && room()) {
            return false;
        }
        Settings settings = depot.settings();
        boolean fits = flights.expressCount() < settings.maxMessages() / 4 && flights.octets() < settings.maxOctets();
        // Past those on disk only when its site is not the one that they all wait for.
        String domain = message.envelope().recipients().isEmpty()
                ? ""
                : message.envelope().recipients().get(0).domain();
        return fits && !yard.crowded(domain) ? true : null;
    }

    @Override
    public boolean take(Flight flight) {
        return planners.submit(() -> {
            Dispatch.Taken taken = dispatch.begin(flight, null);
            if (taken != null) {
                dispatch.proceed(taken);
            }
        });
    }

    private void back(Yard.Return parcel) {
        if (!returns.submit(() -> dispatch.giveBack(parcel))) {
            LOG.debug(
                    "Parcel of message {} stays as it is on disk",
                    parcel.parcel().message().envelope().id());
        }
    }

    private void open(SiteQueue queue) {
        SiteLane lane = new SiteLane(yard, queue, flights);
        Thread.ofVirtual().name("lane " + queue.site.name()).start(() -> serve(queue, lane));
    }

    private void serve(SiteQueue queue, SiteLane lane) {
        try {
            carrier.carry(lane);
        } catch (RuntimeException e) {
            LOG.error("A lane to {} failed", queue.site.name(), e);
        } finally {
            dispatch.left(lane.left());
            if (lane.asked() == 0) {
                // It would be opened again at once, and for ever.
                yard.pause(queue, Duration.ofSeconds(10), "The carrier took nothing");
            }
            yard.closed(queue, lane);
        }
    }

    @Override
    public void turned() {
        if (!depot.dispatches()) {
            yard.clear().forEach(this::giveBack);
        }
        depot.cursor().reset();
        ring();
    }

    @Override
    public int busy() {
        int lanes = yard.lanes();
        return lanes > 0 || settledDown() ? lanes : 1;
    }

    @Override
    public List<Queue.SiteLine> sites() {
        return yard.lines();
    }

    int lanes() {
        return yard.lanes();
    }

    int ready() {
        return yard.waiting();
    }

    /** How long ago the scheduler last looked. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - tickedAt);
    }

    /** How long the oldest recipient that is due waits; zero when none is. */
    Duration oldest() {
        Instant first = flights.earliest();
        if (hungry && (first == null || depot.cursor().position().isBefore(first))) {
            first = depot.cursor().position();
        }
        Instant now = depot.now();
        return first == null || first.isAfter(now) ? Duration.ZERO : Duration.between(first, now);
    }

    long scans() {
        return scans.sum();
    }

    long scanned() {
        return scanned.sum();
    }

    long loaded() {
        return loaded.sum();
    }

    /** Whether nothing is being planned or given back. */
    boolean settledDown() {
        return loaders.idle() && planners.idle() && returns.idle();
    }

    /** Whether no waits are to be mended, for tests. */
    boolean clockIsRight() {
        return clockWatch.idle();
    }
}
