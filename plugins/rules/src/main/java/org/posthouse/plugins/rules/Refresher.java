// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Does something again and again, on a virtual thread that ends with it, and knows why it could not be done. */
final class Refresher implements AutoCloseable {
    private static final Duration OVERDUE = Duration.ofSeconds(30);

    private final Runnable work;
    private final Duration pause;
    private final Thread thread;
    private volatile String trouble = "";
    private volatile long doneAt = System.nanoTime();
    private volatile boolean stopped;

    Refresher(Runnable work, Duration pause) {
        this.work = work;
        this.pause = pause;
        this.thread = Thread.ofVirtual().name("posthouse-rules").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopped) {
            LockSupport.parkNanos(pause.toNanos());
            try {
                work.run();
                trouble = "";
            } catch (Throwable e) {
                // Also errors: a thread that ended here would leave old rules in force for ever.
                trouble = String.valueOf(e);
            }
            doneAt = System.nanoTime();
        }
    }

    /** Why it could not be done the last time, or empty. */
    String trouble() {
        Duration since = Duration.ofNanos(System.nanoTime() - doneAt);
        return since.compareTo(OVERDUE.plus(pause)) > 0 ? "no answer for " + since.toSeconds() + " s" : trouble;
    }

    /** Ends soon; the work is done once more, so that nothing is left undone. */
    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
    }
}
