// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the damaged records of a table out of the way while the spool runs, and keeps each of them once. */
final class DamagedRecords {
    private static final Logger LOG = LoggerFactory.getLogger(DamagedRecords.class);

    private final Table table;
    private final Readers readers;
    private final Committer committer;
    private final Aside aside;
    private final Consumer<Runnable> later;
    private final Function<RocksVault.Raw, Action> replacement;
    private final Set<ByteBuffer> leaving = ConcurrentHashMap.newKeySet();

    /**
     * Those of a table.
     *
     * @param later does something in the background, one after the other
     * @param replacement what is written instead, where the record is still the same
     */
    DamagedRecords(
            Table table,
            Readers readers,
            Committer committer,
            Aside aside,
            Consumer<Runnable> later,
            Function<RocksVault.Raw, Action> replacement) {
        this.table = table;
        this.readers = readers;
        this.committer = committer;
        this.aside = aside;
        this.later = later;
        this.replacement = replacement;
    }

    /** Somebody read this and found it damaged. */
    void found(RocksVault.Raw raw) {
        ByteBuffer key = ByteBuffer.wrap(raw.key());
        if (leaving.add(key)) {
            later.accept(() -> {
                try {
                    leave(raw);
                } catch (IOException e) {
                    LOG.error("Record {} can not be set aside yet", Keys.name(raw.key()), e);
                } finally {
                    leaving.remove(key);
                }
            });
        }
    }

    // Who read it before it was replaced may tell of it afterwards; and it may have been written anew.
    private void leave(RocksVault.Raw raw) throws IOException {
        if (readers.call(store -> Arrays.equals(store.get(table, raw.key()), raw.record()))) {
            aside.keep(table, raw, "The record is damaged");
            committer.commit(replacement.apply(raw));
        }
    }
}
