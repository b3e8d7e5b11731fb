// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Takes the processor away from hooks that were abandoned and still compute: their carrier gets the least priority.
 *
 * <p>A virtual thread that spins keeps its carrier, and each such carrier would take as much of the processors as one that
 * works. A virtual thread can not be stopped and has no priority of its own, but its carrier has; the start script maps the
 * least priority to the nice value 19. Where the process may not raise it again, the carrier stays slow for good, which is
 * one of sixteen.
 */
final class Stragglers {
    private static final Stragglers ALL = new Stragglers();
    private static final long LOOK_NANOS = 100_000_000;

    private final Map<Thread, Seat> seats = new ConcurrentHashMap<>();
    private boolean looking;

    /** Where a thread was found, and the carrier that was slowed down because of it. */
    private record Seat(String carrier, @Nullable Thread slowed) {
        static final Seat UNKNOWN = new Seat("", null);
    }

    private Stragglers() {}

    /** Keeps an eye on a thread that was abandoned, until it ends. */
    static void watch(Thread late) {
        ALL.add(late);
    }

    private synchronized void add(Thread late) {
        seats.put(late, Seat.UNKNOWN);
        if (!looking) {
            looking = true;
            // A platform thread: the carriers are what may be taken.
            Thread.ofPlatform().daemon().name("stragglers").start(this::look);
        }
    }

    private void look() {
        do {
            LockSupport.parkNanos(LOOK_NANOS);
            seats.replaceAll(Stragglers::seat);
        } while (more());
    }

    private synchronized boolean more() {
        seats.keySet().removeIf(thread -> !thread.isAlive());
        looking = !seats.isEmpty();
        return looking;
    }

    /** Found twice on the same carrier without a pause, it spins; found elsewhere, its old carrier is innocent. */
    private static Seat seat(Thread thread, Seat before) {
        String now = thread.isAlive() ? carrier(thread) : "";
        if (!now.isEmpty() && now.equals(before.carrier())) {
            return before.slowed() != null ? before : new Seat(now, slow(now));
        }
        if (before.slowed() != null) {
            before.slowed().setPriority(Thread.NORM_PRIORITY);
        }
        return new Seat(now, null);
    }

    private static @Nullable Thread slow(String name) {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name)) {
                thread.setPriority(Thread.MIN_PRIORITY);
                return thread;
            }
        }
        return null;
    }

    /** The name of the carrier a virtual thread runs on, or empty: {@code VirtualThread[#7]/runnable@name}. */
    private static String carrier(Thread thread) {
        String text = thread.toString();
        int at = text.lastIndexOf("/runnable@");
        return at < 0 ? "" : text.substring(at + "/runnable@".length());
    }
}
