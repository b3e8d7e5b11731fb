// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import org.posthouse.queue.spi.Planner;

/** One site: what waits for it, its lanes, and whether it pauses. Guarded by the yard. */
final class SiteQueue {
    /** What a dead site gives back comes due again at this rate at most, so that it costs little. */
    private static final int RETURNS_PER_SECOND = 100;
    /**
     * What a crowded site gives back comes due again at this rate: above what makes it slow, so that it is busy all the
     * time however much faster it becomes, and little enough to cost others nothing.
     */
    private static final int CROWD_PER_SECOND = 1_000;

    private static final Duration REST_OF_CROWD = Duration.ofSeconds(5);

    private static final Duration MOST_SPREAD = Duration.ofMinutes(30);
    private static final Duration WINDOW = Duration.ofSeconds(10);

    final Planner.Site site;
    final Turns waiting = new Turns();
    final Condition arrived;
    int lanes;
    int starting;
    int idle;
    boolean hungry;
    /** After a pause one lane tries first. */
    boolean trial;

    Instant pausedUntil = Instant.EPOCH;
    String why = "";
    long handed;
    long returned;
    private Instant windowStart = Instant.EPOCH;
    private long windowTaken;
    private double perSecond;
    private Instant tail = Instant.EPOCH;

    SiteQueue(Planner.Site site, Condition arrived) {
        this.site = site;
        this.arrived = arrived;
    }

    boolean paused(Instant now) {
        return now.isBefore(pausedUntil);
    }

    void pause(Instant until, String reason) {
        pausedUntil = until;
        why = reason;
        trial = true;
    }

    /** The wall clock was set back: what lies ahead by it does not lie further ahead than before. */
    void setBack(Duration by) {
        pausedUntil = back(pausedUntil, by);
        windowStart = back(windowStart, by);
        tail = back(tail, by);
    }

    private static Instant back(Instant time, Duration by) {
        return time.equals(Instant.EPOCH) ? time : time.minus(by);
    }

    /** When the next parcel that is given back by a pause comes due. */
    Instant back() {
        return back(pausedUntil, Math.max(RETURNS_PER_SECOND, Math.round(2 * perSecond)));
    }

    /** When the next parcel that finds too many before it comes due. */
    Instant behindCrowd(Instant now) {
        return back(now.plus(REST_OF_CROWD), Math.max(CROWD_PER_SECOND, Math.round(2 * perSecond)));
    }

    /** Each a little later than the one before, not all at once. */
    private Instant back(Instant from, long rate) {
        returned++;
        Instant last = tail.isBefore(from) ? from : tail;
        Instant end = from.plus(MOST_SPREAD);
        tail = last.isBefore(end) ? last.plusNanos(1_000_000_000L / rate) : from;
        return tail.plusMillis(ThreadLocalRandom.current().nextLong(1000));
    }

    /** A parcel was handed out. */
    void took(Instant now) {
        handed++;
        roll(now);
        windowTaken++;
    }

    private void roll(Instant now) {
        Duration age = Duration.between(windowStart, now);
        if (age.compareTo(WINDOW) >= 0) {
            perSecond = age.compareTo(WINDOW.multipliedBy(2)) >= 0 ? 0 : windowTaken / (double) WINDOW.toSeconds();
            windowStart = now;
            windowTaken = 0;
        }
    }

    /** Whether what waits would take longer than a window at the speed of late. */
    boolean slow(Instant now) {
        roll(now);
        double current =
                windowTaken / Math.max(1.0, Duration.between(windowStart, now).toMillis() / 1000.0);
        return waiting.size() > Math.max(perSecond, current) * WINDOW.toSeconds();
    }

    boolean forgettable(Instant now) {
        return waiting.size() == 0 && lanes == 0 && !paused(now) && !trial;
    }
}
