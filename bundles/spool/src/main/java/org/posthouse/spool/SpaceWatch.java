// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the space that is left. Below the minimum intake stops; when even the rest is nearly gone, or a write met a full
 * disk, the ballast file is given up, so that deliveries, which free space, can still commit.
 */
final class SpaceWatch {
    private static final Logger LOG = LoggerFactory.getLogger(SpaceWatch.class);

    /** Asks how much space is left. */
    interface Gauge {
        long free() throws IOException;
    }

    private final Path ballast;
    private final Settings settings;
    private final Conditions conditions;
    private final Gauge gauge;
    private boolean low;
    private volatile boolean full;

    SpaceWatch(Path ballast, Settings settings, Conditions conditions, Gauge gauge) {
        this.ballast = ballast;
        this.settings = settings;
        this.conditions = conditions;
        this.gauge = gauge;
    }

    /** A write met a full disk. */
    void full() {
        full = true;
        check();
    }

    /** Looks once; called every second on a platform thread. */
    synchronized void check() {
        try {
            long free = gauge.free();
            boolean met = full;
            full = false;
            judge(free, met);
            if (met || free < Math.min(settings.minFree(), settings.ballast()) / 2) {
                release(free);
            } else if (free > settings.minFree() + 2 * settings.ballast()) {
                restore();
            }
        } catch (IOException | RuntimeException e) {
            // What leaves this method would end the watch for ever.
            LOG.error("The space left for the spool can not be watched", e);
        }
    }

    private void judge(long free, boolean met) {
        // A little more is asked for to open again, so that intake does not flutter at the border.
        long needed = low ? settings.minFree() + settings.minFree() / 16 : settings.minFree();
        low = met || free < needed;
        String reason = "Only " + free / 1_000_000 + " MB are free on the disk of the spool, "
                + settings.minFree() / 1_000_000 + " MB must stay free";
        // The figure moves all the time; the condition changes only when its meaning does.
        if (low && conditions.now().accepting()) {
            LOG.warn("{}: intake stops", reason);
            conditions.shortage(reason);
        } else if (!low) {
            conditions.shortage("");
        }
    }

    private void release(long free) throws IOException {
        if (Files.deleteIfExists(ballast)) {
            LOG.warn("{} MB are free: the ballast is given up so that deliveries go on", free / 1_000_000);
        }
    }

    private void restore() throws IOException {
        if (settings.ballast() == 0 || (Files.exists(ballast) && Files.size(ballast) >= settings.ballast())) {
            return;
        }
        // Random octets: on a disk that compresses, zeros would hold no place.
        byte[] block = new byte[1 << 16];
        Random random = new Random(settings.ballast());
        try (OutputStream out = Files.newOutputStream(ballast)) {
            for (long left = settings.ballast(); left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
        try (FileChannel channel = FileChannel.open(ballast, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
