// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks round the vault, a bounded piece at a time, removes what is expired and counts the rest. There is no index of
 * expiries: it would double every write of what mostly is written again before it expires.
 */
final class VaultSweep {
    private static final Logger LOG = LoggerFactory.getLogger(VaultSweep.class);

    /** Records that one step looks at: a million is walked round in four minutes, and a step takes a few milliseconds. */
    static final int PIECE = 4_096;

    private static final Duration REST = Duration.ofMinutes(1);

    private final Committer committer;
    private final Consumer<RocksVault.Raw> damaged;
    private final InstantSource clock;
    private byte[] from = start();
    private Map<String, Long> counting = new HashMap<>();
    private Instant next = Instant.MIN;
    private volatile Walked walked = new Walked(Map.of(), 0);

    private record Walked(Map<String, Long> items, long number) {}

    VaultSweep(Committer committer, Consumer<RocksVault.Raw> damaged, InstantSource clock) {
        this.committer = committer;
        this.damaged = damaged;
        this.clock = clock;
    }

    private static byte[] start() {
        return new byte[] {Table.VAULT.mark()};
    }

    /** Live items, as the last whole walk met them. */
    Vault.Count counted(String prefix) {
        Walked last = walked;
        long items = last.items().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToLong(Map.Entry::getValue)
                .sum();
        return new Vault.Count(items, last.number());
    }

    /** Does one piece, unless the last walk ended a moment ago. On one platform thread. */
    void step(Keeper keeper) {
        Instant now = clock.instant();
        if (now.isBefore(next)) {
            // A clock that was set back must not stop the sweep for long.
            next = next.isAfter(now.plus(REST)) ? now.plus(REST) : next;
            return;
        }
        try {
            List<RocksVault.Raw> expired = new ArrayList<>();
            boolean end = keeper.use(store -> piece(store, now, expired));
            if (!expired.isEmpty()) {
                committer.commit(VaultWrite.removal(expired));
            }
            if (end) {
                walked = new Walked(Map.copyOf(counting), walked.number() + 1);
                next = now.plus(REST);
                rewind();
            }
        } catch (SpoolException e) {
            LOG.debug("The sweep of the vault begins anew when the spool works", e);
            rewind();
        } catch (RuntimeException e) {
            // What leaves this method would end the sweep for ever.
            LOG.error("A step of the sweep of the vault failed", e);
        }
    }

    private void rewind() {
        from = start();
        counting = new HashMap<>();
    }

    private boolean piece(Store store, Instant now, List<RocksVault.Raw> expired) throws RocksDBException {
        // What is read once must not push out what mail is read from.
        try (Store.Scan scan = store.scanOnce(Table.VAULT, from)) {
            int seen = 0;
            for (; seen < PIECE && scan.valid(); scan.next(), seen++) {
                judge(new RocksVault.Raw(scan.key(), scan.value()), now, expired);
            }
            if (scan.valid()) {
                from = scan.key();
                return false;
            }
            return true;
        }
    }

    private void judge(RocksVault.Raw raw, Instant now, List<RocksVault.Raw> expired) {
        try {
            Vault.Item item = VaultCodec.decode(raw.key(), raw.record());
            if (item.expires().isAfter(now)) {
                counting.merge(item.table(), 1L, Long::sum);
            } else {
                expired.add(raw);
            }
        } catch (SpoolException e) {
            damaged.accept(raw);
        }
    }
}
