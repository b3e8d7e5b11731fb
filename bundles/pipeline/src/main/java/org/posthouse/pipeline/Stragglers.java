// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Takes the processor away from hooks that were abandoned and still compute, and puts another carrier in the place of each
 * that they keep.
 *
 * <p>A virtual thread that spins keeps its carrier, and each such carrier would take as much of the processors as one that
 * works. A virtual thread can not be stopped and has no priority of its own, but its carrier has: it gets the least, which
 * the start script maps to the nice value 19. Where the process may not raise it again, the carrier stays slow for good.
 *
 * <p>When many sessions ask a hook that spins before the first of them is overdue, they may hold all carriers, and then
 * nobody is left to find them overdue. So a virtual thread is started at each look while hooks are asked; when it gets no
 * carrier, there are too few: overdue hooks are found from here, so that one that holds many is soon not asked any more, and
 * carriers are added until the virtual thread gets one.
 */
public final class Stragglers {
    private static final Stragglers ALL = new Stragglers();
    private static final long LOOK_NANOS = 100_000_000;
    private static final int IDLE_LOOKS = 50;
    /** A pulse that is late by so many looks has found no carrier; a busy machine is slow, but not that slow. */
    private static final int LATE_LOOKS = 5;
    /** Up to so many carriers are added within a second; further ones slowly: who waits too long is not asked at all. */
    private static final int QUICKLY = 32;

    private static final int SLOWLY = 10;
    private static final int NUDGES = 5;

    private final Map<Thread, Seat> seats = new ConcurrentHashMap<>();
    private final Set<Stage> stages = ConcurrentHashMap.newKeySet();
    private final Carriers carriers = new Carriers();
    private volatile boolean looking;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile boolean pulse = true;
    private volatile int spinning;
    private int lateness;
    private int calm;
    private int relief;

    /** Where a thread was found, whether it spins there, and the carrier that was slowed down because of it. */
    private record Seat(
            String carrier, boolean spins, @Nullable Thread slowed) {
        static final Seat UNKNOWN = new Seat("", false, null);
    }

    private Stragglers() {}

    /** Hooks are asked: carriers may come to be held, also that of the thread that asks. */
    static void attend(Stage stage) {
        ALL.stages.add(stage);
        attend();
    }

    /** The stage ended. */
    static void forget(Stage stage) {
        ALL.stages.remove(stage);
    }

    private static void attend() {
        if (!ALL.asked.get()) {
            ALL.asked.set(true);
        }
        if (!ALL.looking) {
            ALL.begin();
        }
    }

    /** Keeps an eye on a thread that was abandoned, until it ends. */
    static void watch(Thread late) {
        ALL.seats.put(late, Seat.UNKNOWN);
        attend();
    }

    /** How many abandoned threads hold a carrier for themselves now. */
    public static int spinning() {
        return ALL.spinning;
    }

    /** How many carriers were added in place of those that are held. */
    public static int added() {
        return ALL.carriers.extra();
    }

    private synchronized void begin() {
        if (!looking) {
            looking = true;
            // A platform thread: the carriers are what may be taken.
            Thread.ofPlatform().daemon().name("stragglers").start(this::look);
        }
    }

    private void look() {
        int idle = 0;
        do {
            LockSupport.parkNanos(LOOK_NANOS);
            seats.replaceAll(Stragglers::seat);
            seats.keySet().removeIf(thread -> !thread.isAlive());
            spinning = (int) seats.values().stream().filter(Seat::spins).count();
            feel();
            carriers.extra(spinning + relief);
            if (lateness >= LATE_LOOKS && (lateness <= SLOWLY || lateness % NUDGES == 0)) {
                nudge();
            }
            // Read and taken back at once: who asks in between would count for nothing, and nobody would look for him.
            boolean busy = asked.getAndSet(false) || !seats.isEmpty() || relief > 0;
            idle = busy ? 0 : idle + 1;
        } while (idle < IDLE_LOOKS || !ends());
    }

    /**
     * Makes the scheduler begin the carriers that it may have. It does so when something comes into a queue that was empty;
     * each platform thread has one of its own, and those of all who wait already are not. A nudge that no carrier takes fills
     * such a queue for the next one, and there are not many: so a few of them make many carriers, not one each.
     */
    private static void nudge() {
        Thread.ofPlatform()
                .daemon()
                .name("nudge")
                .start(() -> Thread.ofVirtual().name("nudge").start(() -> {}));
    }

    /** Whether nobody asked a hook while this decided to end. */
    private boolean ends() {
        looking = false;
        if (!asked.get()) {
            return true;
        }
        synchronized (this) {
            boolean another = looking;
            looking = true;
            return another;
        }
    }

    /** Feels the pulse of the scheduler. */
    private void feel() {
        if (!pulse) {
            lateness++;
            calm = 0;
            if (lateness >= LATE_LOOKS) {
                stages.forEach(Stage::relieve);
                relieve();
            }
            return;
        }
        lateness = 0;
        calm++;
        if (relief > 0 && calm % 10 == 0) {
            relief--;
        }
        if (asked.get() || relief > 0) {
            pulse = false;
            Thread.ofVirtual().name("pulse").start(() -> pulse = true);
        }
    }

    private void relieve() {
        if (relief < QUICKLY) {
            relief = Math.min(QUICKLY, Math.max(1, 2 * relief));
        } else if (lateness % SLOWLY == 0) {
            relief++;
        }
    }

    /** Found twice on the same carrier without a pause, it spins; found elsewhere, its old carrier is innocent. */
    private static Seat seat(Thread thread, Seat before) {
        String now = thread.isAlive() ? carrier(thread) : "";
        if (!now.isEmpty() && now.equals(before.carrier())) {
            return before.spins() ? before : new Seat(now, true, slow(now));
        }
        if (before.slowed() != null) {
            before.slowed().setPriority(Thread.NORM_PRIORITY);
        }
        return new Seat(now, false, null);
    }

    private static @Nullable Thread slow(String name) {
        for (Thread thread : threads()) {
            if (thread.getName().equals(name)) {
                thread.setPriority(Thread.MIN_PRIORITY);
                return thread;
            }
        }
        return null;
    }

    /** The platform threads, without their stacks: those are read while all stand still, which spinning ones make long. */
    private static List<Thread> threads() {
        ThreadGroup all = Objects.requireNonNull(Thread.currentThread().getThreadGroup());
        while (all.getParent() != null) {
            all = all.getParent();
        }
        Thread[] found = new Thread[2 * all.activeCount() + 64];
        return Arrays.asList(found).subList(0, all.enumerate(found));
    }

    /** The name of the carrier a virtual thread runs on, or empty: {@code VirtualThread[#7]/runnable@name}. */
    private static String carrier(Thread thread) {
        String text = thread.toString();
        int at = text.lastIndexOf("/runnable@");
        return at < 0 ? "" : text.substring(at + "/runnable@".length());
    }
}
