// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Vault;
import org.rocksdb.RocksDBException;

/** A change of the vault made ready by the thread that wants it; the committer only copies. */
final class VaultWrite implements Action {
    /**
     * One record.
     *
     * @param record what is written, null to remove what is there
     * @param only what must be there for the removal to happen, null for whatever is there
     */
    private record Ready(byte[] key, byte @Nullable [] record, byte @Nullable [] only) {}

    private final List<Ready> ready;
    private final boolean synced;
    private final long weight;

    private VaultWrite(List<Ready> ready, boolean synced) {
        this.ready = ready;
        this.synced = synced;
        long octets = 0;
        for (Ready one : ready) {
            octets += one.key().length + (one.record() == null ? 0 : one.record().length);
        }
        this.weight = octets;
    }

    static VaultWrite of(List<Vault.Entry> entries, boolean synced) {
        List<Ready> ready = new ArrayList<>(entries.size());
        for (Vault.Entry entry : entries) {
            byte[] key = VaultCodec.key(entry.table(), entry.key());
            ready.add(new Ready(key, entry instanceof Vault.Item item ? VaultCodec.encode(key, item) : null, null));
        }
        return new VaultWrite(ready, synced);
    }

    /** Takes these records away, each unless it was written anew since it was read. Need not survive a loss of power. */
    static VaultWrite removal(List<RocksVault.Raw> records) {
        return new VaultWrite(
                records.stream()
                        .map(raw -> new Ready(raw.key(), null, raw.record()))
                        .toList(),
                false);
    }

    @Override
    public void apply(Round round) throws RocksDBException {
        for (Ready one : ready) {
            if (one.record() != null) {
                round.store().put(round.batch(), Table.VAULT, one.key(), one.record());
                round.touched(one.key());
            } else if (one.only() == null || unchanged(round, one.key(), one.only())) {
                round.store().delete(round.batch(), Table.VAULT, one.key());
            }
        }
    }

    private static boolean unchanged(Round round, byte[] key, byte[] only) throws RocksDBException {
        return !round.isTouched(key) && Arrays.equals(round.store().get(Table.VAULT, key), only);
    }

    @Override
    public boolean synced() {
        return synced;
    }

    @Override
    public long weight() {
        return weight;
    }
}
