// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;

/** Something the committer does as part of a batch. */
interface Action {
    /** Puts its changes into the batch; when it throws, nothing of it stays there. */
    void apply(Round round) throws RocksDBException, SpoolException;

    /** The batch is written. */
    default void succeeded() {}

    /** The batch failed: what became of it is known when the store was opened again. */
    default void unknown() {}

    /** It was never tried. */
    default void refused() {}

    /** Whether the disk must be synced before it is done. */
    default boolean synced() {
        return true;
    }

    /** About how many octets it writes. */
    default long weight() {
        return 0;
    }
}
