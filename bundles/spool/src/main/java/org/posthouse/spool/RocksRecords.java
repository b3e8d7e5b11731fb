// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records of the cluster as a table of the spool's store. */
final class RocksRecords implements Records {
    private static final Logger LOG = LoggerFactory.getLogger(RocksRecords.class);
    private static final byte[] LOST = {};

    private final Readers readers;
    private final Committer committer;
    private final Aside aside;
    private final DamagedRecords damaged;

    /**
     * Records.
     *
     * @param later does something in the background
     */
    RocksRecords(Readers readers, Committer committer, Aside aside, Consumer<Runnable> later) {
        this.readers = readers;
        this.committer = committer;
        this.aside = aside;
        this.damaged = new DamagedRecords(
                Table.CUSTODY, readers, committer, aside, later, raw -> round -> replace(round, raw));
    }

    @Override
    public Optional<byte[]> find(MessageId id) throws SpoolException {
        byte[] key = CustodyCodec.key(id);
        return readers.call(store -> Optional.ofNullable(store.get(Table.CUSTODY, key)))
                .map(record -> octets(new RocksVault.Raw(key, record)));
    }

    @Override
    public List<Kept> list(@Nullable MessageId after, int most) throws SpoolException {
        byte[] from = after == null ? CustodyCodec.messages() : CustodyCodec.key(after);
        List<RocksVault.Raw> page = readers.call(store -> page(store, from, after != null, most));
        List<Kept> found = new ArrayList<>(page.size());
        for (RocksVault.Raw raw : page) {
            found.add(new Kept(CustodyCodec.id(raw.key()), octets(raw)));
        }
        return found;
    }

    private static List<RocksVault.Raw> page(Store store, byte[] from, boolean behind, int most)
            throws RocksDBException {
        List<RocksVault.Raw> page = new ArrayList<>();
        byte[] to = Keys.behind(CustodyCodec.messages());
        try (Store.Scan scan = store.scan(Table.CUSTODY, from, to, null)) {
            if (behind && scan.valid() && Arrays.equals(scan.key(), from)) {
                scan.next();
            }
            for (; page.size() < most && scan.valid(); scan.next()) {
                page.add(new RocksVault.Raw(scan.key(), scan.value()));
            }
        }
        return page;
    }

    @Override
    public Map<String, byte[]> members() throws SpoolException {
        List<RocksVault.Raw> all = readers.call(RocksRecords::ofMembers);
        Map<String, byte[]> found = new LinkedHashMap<>();
        for (RocksVault.Raw raw : all) {
            try {
                found.put(CustodyCodec.member(raw.key()), content(raw));
            } catch (SpoolException e) {
                forget(all, raw, e);
                return Map.of();
            }
        }
        return found;
    }

    private static List<RocksVault.Raw> ofMembers(Store store) throws RocksDBException {
        List<RocksVault.Raw> all = new ArrayList<>();
        byte[] from = CustodyCodec.members();
        try (Store.Scan scan = store.scan(Table.CUSTODY, from, Keys.behind(from), null)) {
            for (; scan.valid(); scan.next()) {
                all.add(new RocksVault.Raw(scan.key(), scan.value()));
            }
        }
        return all;
    }

    /** Before anybody builds on it: half of what was voted must never be taken for all of it. */
    private void forget(List<RocksVault.Raw> all, RocksVault.Raw damaged, SpoolException why) throws SpoolException {
        LOG.error("What is known of the members is damaged, and all of it is forgotten", why);
        try {
            aside.keep(Table.CUSTODY, damaged, "The record is damaged");
        } catch (IOException e) {
            throw Trouble.of(e);
        }
        committer.commit(round -> {
            for (RocksVault.Raw raw : all) {
                round.store().delete(round.batch(), Table.CUSTODY, raw.key());
            }
        });
    }

    private static byte[] content(RocksVault.Raw raw) throws SpoolException {
        ByteBuffer content = Seal.open(raw.key(), raw.record());
        byte[] octets = new byte[content.remaining()];
        content.get(octets);
        return octets;
    }

    private byte[] octets(RocksVault.Raw raw) {
        try {
            return content(raw);
        } catch (SpoolException e) {
            damaged.found(raw);
            return LOST.clone();
        }
    }

    // Only what is still the same is replaced: it may have been written anew meanwhile.
    private static void replace(Round round, RocksVault.Raw raw) throws RocksDBException {
        boolean same =
                !round.isTouched(raw.key()) && Arrays.equals(round.store().get(Table.CUSTODY, raw.key()), raw.record());
        if (same) {
            round.store().put(round.batch(), Table.CUSTODY, raw.key(), CustodyCodec.lost(raw.key()));
        }
    }
}
