// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;

/**
 * The latest time that the wall clock ever showed: in memory, and a minute behind on disk, so that a clock which was set
 * back while the server was down is found out too. Once told, it stays told until the waits are mended, also over a
 * restart. Used by the scheduler alone.
 */
final class HighWater {
    /** Clocks are stepped by a little all the time, and a wait that is so much longer hurts nobody. */
    static final Duration TOLERANCE = Duration.ofSeconds(10);

    private static final Duration BEHIND = Duration.ofMinutes(1);
    private static final Instant NEVER = Instant.ofEpochMilli(253_402_300_799_000L);
    private static final String TABLE = "queue";
    private static final String KEY = "clock";

    private final @Nullable Vault vault;
    private Instant latest = Instant.EPOCH;
    private Instant written = Instant.EPOCH;
    private boolean read;
    private boolean wrong;

    /**
     * @param vault null to know nothing of earlier times
     */
    HighWater(@Nullable Vault vault) {
        this.vault = vault;
    }

    /**
     * Looks at the clock.
     *
     * @return by how much it was set back since the last look; zero when it was not
     */
    Duration look(Instant now) throws SpoolException {
        if (!read) {
            latest = onDisk();
            written = latest;
            read = true;
        }
        Duration by = Duration.between(now, latest);
        if (by.compareTo(TOLERANCE) > 0) {
            wrong = true;
            latest = now;
            return by;
        }
        latest = now.isAfter(latest) ? now : latest;
        if (!wrong && latest.isAfter(written.plus(BEHIND))) {
            write(latest);
        }
        return Duration.ZERO;
    }

    /** No wait is longer than it should be by this time. */
    void mended() throws SpoolException {
        wrong = false;
        write(latest);
    }

    private Instant onDisk() throws SpoolException {
        Optional<Vault.Item> item = vault == null ? Optional.empty() : vault.get(TABLE, KEY);
        return item.filter(i -> i.value().length == Long.BYTES)
                .map(i -> Instant.ofEpochMilli(ByteBuffer.wrap(i.value()).getLong()))
                .orElse(Instant.EPOCH);
    }

    private void write(Instant time) throws SpoolException {
        written = time;
        if (vault != null) {
            byte[] octets =
                    ByteBuffer.allocate(Long.BYTES).putLong(time.toEpochMilli()).array();
            vault.write(List.of(new Vault.Item(TABLE, KEY, octets, NEVER)), false);
        }
    }
}
