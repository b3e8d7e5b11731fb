// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import org.rocksdb.RocksDBException;

/** Where tests make the disk fail; in service it never does anything. */
@FunctionalInterface
interface Faults {
    /** No faults. */
    Faults NONE = (written, synced) -> {};

    /**
     * Called around each write of a batch.
     *
     * @param written whether the batch was written already
     * @param synced whether it is a synced one
     */
    void around(boolean written, boolean synced) throws RocksDBException;
}
