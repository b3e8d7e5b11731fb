// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.queue.spi.Queue;

/**
 * Where parcels wait for lanes: a ready queue per site, and the permits that decide how many connections are open. A
 * site that is slow, dead or greedy keeps no other from its turn.
 */
final class Yard {
    /** A put that finds the yard closed: the recipients stay as they are on disk. */
    static final Instant CLOSED = Instant.EPOCH;

    private static final int MOST_SITES = 10_000;
    private static final int MOST_DOMAINS = 10_000;
    private static final int PARCELS_OF_A_TURN = 20;

    private final Depot depot;
    private final Consumer<SiteQueue> opener;
    private final Consumer<Return> returns;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private final Map<String, SiteQueue> sites = new LinkedHashMap<>();
    private final Map<String, SiteQueue> served = new HashMap<>();
    private final Deque<SiteQueue> hungry = new ArrayDeque<>();
    private final Map<String, String> siteOfDomain = new LinkedHashMap<>();
    private int lanes;
    private int waiting;
    private boolean open = true;

    /** A parcel that goes back untried. */
    record Return(Parcel parcel, Instant due, String why) {}

    /**
     * Makes a yard.
     *
     * @param opener starts a thread that serves a lane to the site; must not block
     * @param returns takes parcels that go back; must not block
     */
    Yard(Depot depot, Consumer<SiteQueue> opener, Consumer<Return> returns) {
        this.depot = depot;
        this.opener = opener;
        this.returns = returns;
    }

    /**
     * Lets a parcel wait for a lane.
     *
     * @param urged whether it is tried even while its site pauses
     * @return null when it waits, else when it is to be due again
     */
    @Nullable
    Return put(Parcel parcel, boolean urged) {
        Instant now = depot.now();
        lock.lock();
        try {
            if (!open || !depot.dispatches()) {
                return new Return(parcel, CLOSED, "");
            }
            SiteQueue queue = site(parcel.site(), now);
            if (urged) {
                queue.pausedUntil = Instant.EPOCH;
            }
            learn(parcel, queue);
            if (queue.paused(now)) {
                return new Return(parcel, queue.back(), queue.why);
            }
            if (queue.waiting.size() >= depot.settings().maxMessages() / 2 && queue.slow(now)) {
                return new Return(parcel, queue.behindCrowd(now), "");
            }
            queue.waiting.add(parcel);
            waiting++;
            if (queue.idle > 0) {
                queue.arrived.signal();
            }
            openLanes(queue, now);
            return null;
        } finally {
            lock.unlock();
        }
    }

    private SiteQueue site(Planner.Site site, Instant now) {
        SiteQueue queue = sites.get(site.key());
        if (queue == null) {
            if (sites.size() >= MOST_SITES) {
                forget(now);
            }
            queue = new SiteQueue(site, lock.newCondition());
            sites.put(site.key(), queue);
        }
        return queue;
    }

    /** Drops sites nothing is known of any more; when there are none, the oldest that only pause. */
    private void forget(Instant now) {
        sites.values().removeIf(q -> q.forgettable(now));
        Iterator<SiteQueue> oldest = sites.values().iterator();
        while (sites.size() >= MOST_SITES && oldest.hasNext()) {
            SiteQueue queue = oldest.next();
            if (queue.waiting.size() == 0 && queue.lanes == 0) {
                oldest.remove();
            }
        }
    }

    private void learn(Parcel parcel, SiteQueue queue) {
        int first = parcel.recipients().get(0);
        String domain = parcel.message().envelope().recipients().get(first).domain();
        if (siteOfDomain.size() >= MOST_DOMAINS && !siteOfDomain.containsKey(domain)) {
            siteOfDomain.remove(siteOfDomain.keySet().iterator().next());
        }
        siteOfDomain.put(domain, queue.site.key());
    }

    /** Whether mail to this domain would only wait behind much other mail of its site. */
    boolean crowded(String domain) {
        lock.lock();
        try {
            SiteQueue queue = sites.get(siteOfDomain.getOrDefault(domain, ""));
            return queue != null && queue.waiting.size() > depot.settings().maxMessages() / 4;
        } finally {
            lock.unlock();
        }
    }

    /** Opens lanes while more waits than the open ones will take at once. */
    private void openLanes(SiteQueue queue, Instant now) {
        while (open
                && queue.waiting.size() > queue.idle + queue.starting
                && queue.lanes < (queue.trial ? 1 : depot.settings().maxConnectionsPerSite())
                && !queue.paused(now)
                && depot.dispatches()) {
            if (lanes >= depot.settings().maxConnections()) {
                starve(queue);
                return;
            }
            queue.lanes++;
            queue.starting++;
            lanes++;
            served.put(queue.site.key(), queue);
            opener.accept(queue);
        }
    }

    /** The site waits for a permit; only one that has no lane at all may ask others to end theirs. */
    private void starve(SiteQueue queue) {
        if (queue.hungry || queue.lanes > 0) {
            return;
        }
        queue.hungry = true;
        hungry.add(queue);
        for (SiteQueue other : served.values()) {
            if (other.idle > 0) {
                other.arrived.signal();
                return;
            }
        }
    }

    /** The next parcel for a lane; null when there is none in time, or the lane is to end. */
    @Nullable
    Parcel take(SiteQueue queue, SiteLane lane, Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            arrive(queue, lane);
            while (true) {
                Instant now = depot.now();
                if (!open || !depot.dispatches() || queue.paused(now) || yields(queue, lane)) {
                    return null;
                }
                Parcel parcel = queue.waiting.poll();
                if (parcel != null) {
                    waiting--;
                    queue.took(now);
                    return parcel;
                }
                if (nanos <= 0 || !hungry.isEmpty()) {
                    return null;
                }
                queue.idle++;
                try {
                    nanos = queue.arrived.awaitNanos(nanos);
                } finally {
                    queue.idle--;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** A lane asks for the first time, or again: then the site was reached. */
    private void arrive(SiteQueue queue, SiteLane lane) {
        if (lane.starting) {
            lane.starting = false;
            queue.starting--;
        } else if (queue.trial && lane.asked() > 1 && !lane.failed()) {
            queue.trial = false;
            openLanes(queue, depot.now());
        }
    }

    /** Whether a lane of this site ends for a site that has none: when it is one too many, or had its turn. */
    private boolean yields(SiteQueue queue, SiteLane lane) {
        if (hungry.isEmpty() || lanes < depot.settings().maxConnections()) {
            return false;
        }
        int share = depot.settings().maxConnections() / (served.size() + hungry.size());
        return queue.lanes > Math.max(1, share) || lane.asked() > PARCELS_OF_A_TURN;
    }

    /** The site can not be reached: what waits goes back. */
    void pause(SiteQueue queue, Duration pause, String why) {
        Instant until = depot.now().plus(pause);
        lock.lock();
        try {
            queue.pause(until, why);
            giveBack(queue);
            queue.arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(SiteQueue queue) {
        List<Parcel> all = queue.waiting.drain();
        waiting -= all.size();
        all.forEach(p -> returns.accept(new Return(p, queue.back(), queue.why)));
    }

    /** A lane ended. */
    void closed(SiteQueue queue, SiteLane lane) {
        lock.lock();
        try {
            lanes--;
            queue.lanes--;
            if (lane.starting) {
                queue.starting--;
            }
            if (queue.lanes == 0) {
                served.remove(queue.site.key());
            }
            if (!lane.failed() && lane.asked() > 0) {
                queue.trial = false;
            }
            Instant now = depot.now();
            feed(now);
            openLanes(queue, now);
            if (lanes < depot.settings().maxConnections()) {
                new ArrayList<>(served.values()).forEach(q -> openLanes(q, now));
            }
            if (queue.forgettable(now)) {
                sites.remove(queue.site.key(), queue);
            }
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void feed(Instant now) {
        while (!hungry.isEmpty() && lanes < depot.settings().maxConnections()) {
            SiteQueue next = hungry.remove();
            next.hungry = false;
            openLanes(next, now);
        }
    }

    /** The store works again, or a limit was raised: lanes may be opened that were not. */
    void revive() {
        lock.lock();
        try {
            Instant now = depot.now();
            new ArrayList<>(sites.values())
                    .stream().filter(q -> q.waiting.size() > 0).forEach(q -> openLanes(q, now));
        } finally {
            lock.unlock();
        }
    }

    /** The wall clock was set back by so much: no site pauses longer for that. */
    void setBack(Duration by) {
        lock.lock();
        try {
            sites.values().forEach(q -> q.setBack(by));
        } finally {
            lock.unlock();
        }
    }

    /** No more lanes; those that are open end with their parcel. Gives back what waits. */
    List<Parcel> close() {
        lock.lock();
        try {
            open = false;
            return clear();
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what waits, and wakes the lanes that wait for it. */
    List<Parcel> clear() {
        lock.lock();
        try {
            List<Parcel> all = new ArrayList<>();
            for (SiteQueue queue : sites.values()) {
                all.addAll(queue.waiting.drain());
                queue.arrived.signalAll();
            }
            waiting = 0;
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all lanes ended, at most this long. */
    boolean await(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (lanes > 0 && nanos > 0) {
                nanos = left.awaitNanos(nanos);
            }
            return lanes == 0;
        } finally {
            lock.unlock();
        }
    }

    int lanes() {
        return locked(() -> lanes);
    }

    int waiting() {
        return locked(() -> waiting);
    }

    private int locked(IntSupplier figure) {
        lock.lock();
        try {
            return figure.getAsInt();
        } finally {
            lock.unlock();
        }
    }

    /** The sites for people. */
    List<Queue.SiteLine> lines() {
        Instant now = depot.now();
        lock.lock();
        try {
            return sites.values().stream()
                    .map(q -> new Queue.SiteLine(
                            q.site.name(),
                            q.waiting.size(),
                            q.lanes,
                            q.paused(now) ? "until " + Times.whole(q.pausedUntil) + ": " + q.why : "",
                            Map.of("handed", q.handed, "returned", q.returned)))
                    .toList();
        } finally {
            lock.unlock();
        }
    }
}
