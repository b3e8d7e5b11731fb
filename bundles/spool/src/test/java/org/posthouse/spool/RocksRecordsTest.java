// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Change.Step;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

final class RocksRecordsTest {
    @TempDir
    Path folder;

    private static String text(RocksSpool spool, MessageId id) throws SpoolException {
        return spool.records()
                .find(id)
                .map(octets -> new String(octets, StandardCharsets.US_ASCII))
                .orElse("-");
    }

    private static Set<String> members(RocksSpool spool) throws SpoolException {
        return spool.records().members().keySet();
    }

    private static void vote(RocksSpool spool, String... names) throws SpoolException {
        Change change = new Change();
        for (String name : names) {
            change.add(new Step.Member(name, Workbench.record("floor of " + name)));
        }
        spool.commit(change);
    }

    @Test
    void keepsWhatWasWrittenLastOverARestart() throws IOException {
        Envelope stays;
        Envelope goes;
        MessageId alone = MessageId.next();
        MessageId forgotten = MessageId.next();
        try (RocksSpool spool = Workbench.open(folder)) {
            stays = Workbench.putWithRecord(spool, 300);
            goes = Workbench.putWithRecord(spool, 300);
            spool.commit(new Change()
                    .add(new Step.Custody(alone, Workbench.record("alone")))
                    .add(new Step.Custody(forgotten, Workbench.record("x"))));
            Workbench.removeWithRecord(spool, goes);
            spool.commit(new Change().add(new Step.Custody(forgotten, null)));
            vote(spool, "a", "b", "");
            spool.commit(new Change().add(new Step.Member("b", null)));
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals("here " + stays.id(), text(spool, stays.id()));
            assertEquals("gone " + goes.id(), text(spool, goes.id()));
            assertEquals("alone", text(spool, alone));
            assertEquals("-", text(spool, forgotten));
            assertEquals(1, spool.counts().messages());
            Map<String, byte[]> members = spool.records().members();
            assertEquals(Set.of("", "a"), members.keySet());
            assertArrayEquals(Workbench.record("floor of a"), members.get("a"));
        }
    }

    @Test
    void listsRecordsInTheOrderOfArrivalWithAndWithoutTheirMessages() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            List<MessageId> ids = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Envelope envelope = Workbench.putWithRecord(spool, 300);
                ids.add(envelope.id());
                if (i % 2 == 0) {
                    Workbench.removeWithRecord(spool, envelope);
                }
            }
            vote(spool, "a");
            ids.sort(null);
            List<MessageId> found = new ArrayList<>();
            for (MessageId after = null; ; ) {
                List<Records.Kept> page = spool.records().list(after, 3);
                if (page.isEmpty()) {
                    break;
                }
                page.forEach(r -> found.add(r.id()));
                after = page.get(page.size() - 1).id();
            }
            assertEquals(ids, found);
        }
    }

    @Test
    void aRecordStandsOrFallsWithItsMessage() throws Exception {
        AtomicReference<String> fault = new AtomicReference<>("");
        try (RocksSpool spool = Workbench.open(folder, Workbench.SMALL, () -> Long.MAX_VALUE, (written, synced) -> {
            if (written && !fault.get().isEmpty()) {
                throw new RocksDBException(fault.get());
            }
        })) {
            Envelope before = Workbench.putWithRecord(spool, 300);
            // Written, and nobody can be told: the message is withdrawn, and its record with it.
            fault.set("IO error: a test");
            assertThrows(SpoolException.class, () -> Workbench.putWithRecord(spool, 300));
            fault.set("");
            Workbench.await(() -> spool.condition().working());
            assertEquals(
                    List.of(before.id()),
                    spool.records().list(null, 10).stream()
                            .map(Records.Kept::id)
                            .toList());
            assertEquals(1, spool.list(null, 10).size());
        }
    }

    private void damage(byte[] key) throws RocksDBException {
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL);
                WriteBatch batch = new WriteBatch()) {
            byte[] record = Objects.requireNonNull(store.get(Table.CUSTODY, key));
            record[record.length / 2] ^= 1;
            store.put(batch, Table.CUSTODY, key, record);
            store.write(batch, true);
        }
    }

    private void loseManifest() throws IOException {
        List<Path> files = Inspection.files(folder.resolve("db"), "MANIFEST-.*");
        Files.delete(files.get(files.size() - 1));
    }

    @Test
    void tellsThatADamagedRecordWasThereAndSetsItAside() throws Exception {
        Envelope bad;
        Envelope good;
        try (RocksSpool spool = Workbench.open(folder)) {
            bad = Workbench.putWithRecord(spool, 300);
            good = Workbench.putWithRecord(spool, 300);
        }
        damage(CustodyCodec.key(bad.id()));
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals("", text(spool, bad.id()));
            Workbench.await(() -> spool.setAside().size() == 1);
            assertEquals("c:" + bad.id(), spool.setAside().get(0).what());
            assertEquals("", text(spool, bad.id()));
            assertEquals("here " + good.id(), text(spool, good.id()));
            // The mail itself is whole.
            assertEquals(2, spool.list(null, 10).size());
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals("", text(spool, bad.id()));
            spool.commit(new Change().add(new Step.Custody(bad.id(), Workbench.record("asked"))));
            assertEquals("asked", text(spool, bad.id()));
            assertEquals(1, spool.setAside().size());
        }
    }

    @Test
    void setsADamagedRecordAsideOnceThoughTheSpoolIsClosedMeanwhile() throws Exception {
        Envelope bad;
        try (RocksSpool spool = Workbench.open(folder)) {
            bad = Workbench.putWithRecord(spool, 300);
        }
        damage(CustodyCodec.key(bad.id()));
        for (int i = 0; i < 3; i++) {
            try (RocksSpool spool = Workbench.open(folder)) {
                assertEquals("", text(spool, bad.id()));
            }
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals(1, spool.setAside().size());
        }
    }

    @Test
    void forgetsAllMembersWhenOneIsDamaged() throws Exception {
        try (RocksSpool spool = Workbench.open(folder)) {
            vote(spool, "a", "b");
        }
        damage(CustodyCodec.key("b"));
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals(Set.of(), members(spool));
            assertEquals("c:m/b", spool.setAside().get(0).what());
            vote(spool, "a");
            assertEquals(Set.of("a"), members(spool));
        }
    }

    @Test
    void aRepairKeepsRecordsForgetsMembersAndMarksWhatHasLostItsRecord() throws Exception {
        Envelope whole;
        Envelope bad;
        Envelope bare;
        MessageId memory = MessageId.next();
        try (RocksSpool spool = Workbench.open(folder)) {
            whole = Workbench.putWithRecord(spool, 300);
            bad = Workbench.putWithRecord(spool, 300);
            bare = Workbench.put(spool, 300);
            spool.commit(new Change().add(new Step.Custody(memory, Workbench.record("memory"))));
            vote(spool, "a", "b");
        }
        damage(CustodyCodec.key(bad.id()));
        loseManifest();
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals("here " + whole.id(), text(spool, whole.id()));
            assertEquals("", text(spool, bad.id()));
            assertEquals("", text(spool, bare.id()));
            assertEquals("memory", text(spool, memory));
            assertEquals(Set.of(), members(spool));
            assertEquals(
                    List.of("c:" + bad.id(), "store"),
                    spool.setAside().stream().map(Spool.SetAside::what).toList());
            assertEquals(3, spool.counts().messages());
        }
    }

    @Test
    void aRepairOfASingleNodeMarksNothing() throws IOException {
        Envelope envelope;
        try (RocksSpool spool = Workbench.open(folder)) {
            envelope = Workbench.put(spool, 300);
        }
        loseManifest();
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals("-", text(spool, envelope.id()));
            assertEquals(1, spool.counts().messages());
        }
    }

    @Test
    void aRecordStaysWhenItsMessageIsSetAside() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Envelope envelope = Workbench.putWithRecord(spool, 300);
            spool.setAside(envelope.id(), "a test");
            assertTrue(spool.load(envelope.id()).isEmpty());
            assertEquals("here " + envelope.id(), text(spool, envelope.id()));
            // Nothing of the message is left to be set aside again and again.
            spool.setAside(envelope.id(), "a test");
            assertEquals(1, spool.setAside().size());
        }
    }

    @Test
    void opensASpoolThatHasNoSuchTableYet() throws Exception {
        Envelope envelope;
        try (RocksSpool spool = Workbench.open(folder)) {
            envelope = Workbench.put(spool, 300);
        }
        dropTable();
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals(1, spool.list(null, 10).size());
            assertEquals("-", text(spool, envelope.id()));
            assertEquals(Set.of(), members(spool));
            assertEquals(List.of(), spool.setAside());
            spool.commit(new Change().add(new Step.Custody(envelope.id(), Workbench.record("now"))));
            assertEquals("now", text(spool, envelope.id()));
        }
    }

    /** As a version wrote it that did not know the table. */
    private void dropTable() throws RocksDBException {
        String path = folder.resolve("db").toString();
        try (StoreOptions options = new StoreOptions(Workbench.SMALL, false)) {
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            try (RocksDB database = RocksDB.open(options.database(), path, options.families(), handles)) {
                ColumnFamilyHandle last = handles.get(Table.CUSTODY.ordinal() + 1);
                database.dropColumnFamily(last);
                handles.forEach(ColumnFamilyHandle::close);
            }
        }
    }
}
