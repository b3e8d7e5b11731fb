// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.restart;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.posthouse.queue.spi.Drain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has this server started anew: it drains first, and stops then, drained or not. */
final class OwnRestart {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRestart.class);
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Drain drain;
    private final Runnable launcher;
    private final AtomicBoolean begun = new AtomicBoolean();

    /**
     * @param launcher asks the launcher for a stop and a start
     */
    OwnRestart(Drain drain, Runnable launcher) {
        this.drain = drain;
        this.launcher = launcher;
    }

    /** Begins, and returns at once; false when it has begun already. */
    boolean begin(Duration patience, String who) {
        if (!begun.compareAndSet(false, true)) {
            return false;
        }
        LOG.info("Restarting, as {} asked; first it drains, for {} s at most", who, patience.toSeconds());
        drain.begin(who);
        // Not a virtual thread: it must come to its end whatever hooks do.
        Thread.ofPlatform().daemon().name("posthouse-restart").start(() -> run(patience));
        return true;
    }

    boolean begun() {
        return begun.get();
    }

    private void run(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            Drain.Progress now = drain.progress();
            while (now.phase() != Drain.Phase.DRAINED && System.nanoTime() - deadline < 0) {
                Thread.sleep(LOOK);
                now = drain.progress();
            }
            if (now.phase() != Drain.Phase.DRAINED) {
                LOG.warn(
                        "Not drained after {} s; it restarts all the same: {}",
                        patience.toSeconds(),
                        String.join("; ", now.left()));
            }
            launcher.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
