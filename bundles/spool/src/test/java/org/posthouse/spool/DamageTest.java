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
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.posthouse.spool.spi.Vault;
import org.rocksdb.WriteBatch;

/** Turns octets over in every kind of file and looks whether the spool opens and the rest can be read. */
final class DamageTest {
    private static final int EACH = 60;

    @TempDir
    Path folder;

    private final List<Envelope> old = new ArrayList<>();
    private final List<Envelope> young = new ArrayList<>();
    private final Set<MessageId> removed = new HashSet<>();
    private int kept;

    /** Messages in tables (the replay at the second open writes them there) and messages in the log. */
    private void fill() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            put(spool, old);
            keep(spool.vault(), "old", 0, EACH);
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            remove(spool, old.remove(0));
            put(spool, young);
            Progress progress = Workbench.queued(1).get(0).to(State.DEFERRED, Workbench.DUE, "451", "mx");
            spool.commit(new Change().add(new Change.Step.Advance(old.get(0).id(), progress, State.QUEUED)));
            remove(spool, young.remove(0));
            keep(spool.vault(), "young", 0, EACH);
            keep(spool.vault(), "old", 30, 31);
            spool.vault().write(List.of(new Vault.Removal("old", "31")), true);
        }
    }

    private static void keep(Vault vault, String table, int from, int to) throws SpoolException {
        List<Vault.Entry> items = new ArrayList<>();
        for (int i = from; i < to; i++) {
            byte[] value = (to - from == 1 ? "new" : "value of " + i).getBytes(StandardCharsets.US_ASCII);
            items.add(new Vault.Item(table, String.valueOf(i), value, Workbench.DUE.plusSeconds(1_000_000_000)));
        }
        vault.write(items, true);
    }

    /** What is left of the vault; all of it is as it was written last. */
    private static int vault(RocksSpool spool) throws SpoolException {
        return vault(spool, true);
    }

    /** What is left of the vault. Where any sector may be lost, that may be the one with the newest value of a key. */
    private static int vault(RocksSpool spool, boolean newest) throws SpoolException {
        int left = 0;
        for (String table : List.of("old", "young")) {
            for (Vault.Item item : spool.vault().scan(table, "", 10_000)) {
                boolean rewritten = table.equals("old") && item.key().equals("30");
                String value = new String(item.value(), StandardCharsets.US_ASCII);
                boolean former = value.equals("value of " + item.key());
                assertTrue(
                        rewritten && value.equals("new") || former && !(rewritten && newest),
                        item.key() + ": " + value);
                left++;
            }
        }
        return left;
    }

    private static void put(RocksSpool spool, List<Envelope> into) throws IOException {
        for (int i = 0; i < EACH; i++) {
            into.add(Workbench.put(spool, i % 10 == 9 ? 2_000 : 700));
        }
    }

    private void remove(RocksSpool spool, Envelope envelope) throws IOException {
        Workbench.remove(spool, envelope, State.QUEUED);
        removed.add(envelope.id());
    }

    private static void flip(Path file, long at) throws IOException {
        byte[] octets = Files.readAllBytes(file);
        octets[(int) at] ^= 0x55;
        Files.write(file, octets);
    }

    private Path only(String pattern) throws IOException {
        List<Path> files = Inspection.files(folder.resolve("db"), pattern);
        return files.get(files.size() - 1);
    }

    /** Opens and reads all; gives back what is left. */
    private Set<MessageId> survivors() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Set<MessageId> found = new HashSet<>();
            for (Spool.Stored stored : spool.list(null, 10_000)) {
                Envelope envelope = stored.envelope();
                byte[] octets = Workbench.read(spool.received(envelope));
                assertArrayEquals(Workbench.message(envelope.body().file() ? 2_000 : 700), octets);
                found.add(envelope.id());
            }
            assertEquals(found.size(), spool.counts().messages());
            assertEquals(found.size(), new HashSet<>(spool.due(Workbench.start(), 10_000)).size());
            assertTrue(found.stream().noneMatch(removed::contains), "removed mail came back");
            assertEquals(Spool.Condition.GOOD, spool.condition());
            Workbench.put(spool, 700);
            kept = vault(spool);
            return found;
        }
    }

    private int all() {
        return old.size() + young.size();
    }

    private void expectAside() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Spool.SetAside last = spool.setAside().get(spool.setAside().size() - 1);
            assertTrue(Files.exists(Path.of(last.where())), last.where());
        }
    }

    @Test
    void takesATornTailOfTheLogForNormal() throws IOException {
        fill();
        Path log = only("[0-9]+\\.log");
        byte[] octets = Files.readAllBytes(log);
        Files.write(log, Arrays.copyOf(octets, octets.length - 5));
        // The last change was the removal from the vault.
        assertEquals(all(), survivors().size());
        assertEquals(2 * EACH, kept);
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals(List.of(), spool.setAside());
        }
    }

    @Test
    void survivesDamageInTheMiddleOfTheLog() throws IOException {
        fill();
        Path log = only("[0-9]+\\.log");
        flip(log, Files.size(log) / 2);
        int left = survivors().size();
        assertTrue(left >= all() - 2 && left < all(), left + " of " + all());
        expectAside();
    }

    @Test
    void survivesDamageOfALengthInTheLog() throws IOException {
        fill();
        flip(only("[0-9]+\\.log"), 5);
        // The removal of a message is lost with the rest of the block: it is delivered twice rather than never.
        removed.clear();
        int left = survivors().size();
        // Behind a wrong length reading goes on with the next block of 32 kB.
        assertTrue(left >= old.size(), left + " of " + all());
        expectAside();
    }

    @Test
    void survivesALostManifest() throws IOException {
        fill();
        Files.delete(only("MANIFEST-.*"));
        assertEquals(all(), survivors().size());
        assertEquals(2 * EACH - 1, kept);
        expectAside();
    }

    @Test
    void setsAsideADamagedRecordOfTheVaultAndGoesOn() throws Exception {
        fill();
        byte[] key = VaultCodec.key("old", "7");
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL);
                WriteBatch batch = new WriteBatch()) {
            byte[] record = Objects.requireNonNull(store.get(Table.VAULT, key));
            record[record.length / 2] ^= 1;
            store.put(batch, Table.VAULT, key, record);
            store.write(batch, true);
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            assertTrue(spool.vault().get("old", "7").isEmpty());
            Workbench.await(() -> spool.setAside().size() == 1);
            assertEquals("v:old/7", spool.setAside().get(0).what());
        }
        assertEquals(all(), survivors().size());
        assertEquals(2 * EACH - 2, kept);
        expectAside();
    }

    @Test
    void setsAsideADamagedRecordOfTheVaultInARepair() throws Exception {
        fill();
        byte[] key = VaultCodec.key("old", "7");
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL);
                WriteBatch batch = new WriteBatch()) {
            store.put(batch, Table.VAULT, key, new byte[] {1, 2, 3, 4, 5, 6});
            store.write(batch, true);
        }
        Files.delete(only("MANIFEST-.*"));
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals(
                    List.of("v:old/7", "store"),
                    spool.setAside().stream().map(Spool.SetAside::what).toList());
            assertEquals(2 * EACH - 2, vault(spool));
        }
    }

    @Test
    void survivesADamagedManifest() throws IOException {
        fill();
        Path manifest = only("MANIFEST-.*");
        for (long at : new long[] {4, 10, Files.size(manifest) / 2, Files.size(manifest) - 1}) {
            flip(only("MANIFEST-.*"), Math.min(at, Files.size(only("MANIFEST-.*")) - 1));
            assertTrue(survivors().size() >= all(), "octet " + at);
            expectAside();
        }
    }

    @Test
    void survivesADamagedAndALostCurrent() throws IOException {
        fill();
        flip(folder.resolve("db/CURRENT"), 3);
        assertEquals(all(), survivors().size());
        Files.delete(folder.resolve("db/CURRENT"));
        assertTrue(survivors().size() >= all());
        expectAside();
    }

    @Test
    void doesNotCareForOptionsLockAndIdentity() throws IOException {
        fill();
        flip(only("OPTIONS-.*"), 40);
        flip(folder.resolve("db/IDENTITY"), 3);
        Files.write(folder.resolve("db/LOCK"), new byte[] {1});
        Files.write(folder.resolve("lock"), new byte[] {1});
        assertEquals(all(), survivors().size());
    }

    @Test
    void survivesDamageAnywhereInATable() throws IOException {
        fill();
        List<Path> tables = Inspection.files(folder.resolve("db"), "[0-9]+\\.sst");
        assertTrue(tables.size() >= 5, "tables " + tables);
        for (Path table : tables) {
            for (double part : new double[] {0.01, 0.5, 0.93, 0.999}) {
                byte[] good = Files.readAllBytes(table);
                flip(table, (long) (good.length * part));
                hurt(table + " at " + part);
                refill();
            }
        }
    }

    // Damage in a table shows when it is read: the first list may fail while the store is repaired.
    private void hurt(String where) throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Workbench.await(() -> readable(spool));
            for (Spool.Stored stored : spool.list(null, 10_000)) {
                readOrSetAside(spool, stored.envelope());
            }
            List<Spool.Stored> left = spool.list(null, 10_000);
            assertTrue(left.size() >= young.size(), where + ": " + left.size() + " left");
            Workbench.await(() -> spool.counts().messages() == left.size());
        }
    }

    private static boolean readable(RocksSpool spool) {
        try {
            spool.list(null, 10_000);
            spool.due(Workbench.start(), 10_000);
            vault(spool, false);
            return true;
        } catch (SpoolException e) {
            return false;
        }
    }

    private void readOrSetAside(RocksSpool spool, Envelope envelope) throws IOException {
        for (int i = 0; i < 2; i++) {
            try {
                Workbench.read(spool.received(envelope));
                return;
            } catch (SpoolException e) {
                if (e.kind() == SpoolException.Kind.DAMAGED) {
                    spool.setAside(envelope.id(), String.valueOf(e.getMessage()));
                    return;
                }
                // The damage was found by this read; after the repair the message is whole or gone.
                Workbench.await(() -> spool.condition().working());
                if (spool.load(envelope.id()).isEmpty()) {
                    return;
                }
            }
        }
    }

    private void refill() throws IOException {
        for (String part : List.of("db", "aside", "bodies")) {
            Salvage.delete(folder.resolve(part));
        }
        old.clear();
        young.clear();
        removed.clear();
        fill();
    }

    /** A seed that fails is written into the message, so that it can be tried again. */
    @Test
    void opensWhateverSectorIsLost() throws IOException {
        fill();
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            List<Path> files = Inspection.files(folder.resolve("db"), ".*");
            Path file = files.get(random.nextInt(files.size()));
            byte[] octets = Files.readAllBytes(file);
            if (octets.length > 0) {
                int at = random.nextInt(octets.length);
                byte[] lost = new byte[random.nextInt(512)];
                random.nextBytes(lost);
                System.arraycopy(lost, 0, octets, at, Math.min(lost.length, octets.length - at));
                Files.write(file, octets);
            }
            readAll("seed " + seed + " " + file.getFileName());
            refill();
        }
    }

    private void readAll(String where) throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Workbench.await(() -> readable(spool));
            for (Spool.Stored stored : spool.list(null, 10_000)) {
                readOrSetAside(spool, stored.envelope());
            }
            assertTrue(vault(spool, false) >= EACH / 4, where + ": little is left of the vault");
            long left = spool.list(null, 10_000).size();
            Workbench.await(() -> spool.counts().messages() == left);
            // 60 messages of 700 octets are two blocks of tables each and a log of three blocks.
            assertTrue(left >= all() / 4, where + ": " + left + " left");
        }
    }

    @Test
    void keepsTheRestReadableWhenALargeBodyIsDamaged() throws IOException {
        fill();
        Envelope large = old.stream().filter(e -> e.body().file()).findFirst().orElseThrow();
        Path file = new BodyFiles(folder.resolve("bodies")).path(large.id());
        flip(file, 1_000);
        try (RocksSpool spool = Workbench.open(folder)) {
            SpoolException e = assertThrows(SpoolException.class, () -> Workbench.read(spool.content(large)));
            assertEquals(SpoolException.Kind.DAMAGED, e.kind());
            spool.setAside(large.id(), String.valueOf(e.getMessage()));
            assertEquals(1, spool.setAside().size());
        }
        assertEquals(all() - 1, survivors().size());
        assertTrue(!Files.exists(file));
        expectAside();
    }

    @Test
    void setsAsideADamagedRecordThatAListMeets() throws Exception {
        fill();
        MessageId bad = old.get(3).id();
        byte[] key = Keys.of(Table.ENVELOPE, bad);
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL);
                WriteBatch batch = new WriteBatch()) {
            byte[] record = Objects.requireNonNull(store.get(Table.ENVELOPE, key));
            record[record.length / 2] ^= 1;
            store.put(batch, Table.ENVELOPE, key, record);
            store.write(batch, true);
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            assertThrows(SpoolException.class, () -> spool.load(bad));
            assertEquals(all() - 1, spool.list(null, 10_000).size());
            Workbench.await(() -> spool.setAside().size() == 1 && spool.counts().messages() == all() - 1);
            assertTrue(spool.load(bad).isEmpty());
            assertEquals(all() - 1, spool.due(Workbench.start(), 10_000).size());
            assertEquals(all() - 2, spool.counts().recipients().get(State.QUEUED));
            assertEquals(1, spool.counts().recipients().get(State.DEFERRED));
        }
    }

    @Test
    void setsAsideAMessageOfWhichNothingIsReadable() throws Exception {
        fill();
        MessageId bad = old.get(3).id();
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL);
                WriteBatch batch = new WriteBatch()) {
            for (Table table : List.of(Table.ENVELOPE, Table.BODY)) {
                byte[] key = Keys.of(table, bad);
                byte[] record = Objects.requireNonNull(store.get(table, key));
                record[record.length / 2] ^= 1;
                store.put(batch, table, key, record);
            }
            store.write(batch, true);
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            spool.setAside(bad, "a test");
            assertTrue(spool.load(bad).isEmpty());
            assertEquals(all() - 1, spool.counts().messages());
            // Nothing of it is left to be set aside again and again.
            spool.setAside(bad, "a test");
            assertEquals(1, spool.setAside().size());
        }
    }

    @Test
    void keepsSharesOverARepair() throws IOException {
        Envelope first;
        Envelope second;
        byte[] octets = Workbench.message(300);
        try (RocksSpool spool = Workbench.open(folder)) {
            Draft draft = Workbench.draft(spool, MessageId.next(), octets);
            Envelope.BodyRef body = draft.finish();
            first = Workbench.envelope(draft.id(), body, 1);
            second = Workbench.envelope(MessageId.next(), body, 1);
            spool.commit(new Change()
                    .add(new Change.Step.Store(first, Workbench.queued(1), draft))
                    .add(new Change.Step.Store(second, Workbench.queued(1), null)));
        }
        Files.delete(only("MANIFEST-.*"));
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals(octets.length, spool.counts().octets());
            assertEquals(1, spool.setAside().size());
            spool.commit(new Change().add(new Change.Step.Remove(first, List.of(State.QUEUED))));
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            assertArrayEquals(octets, Workbench.read(spool.received(second)));
            spool.commit(new Change().add(new Change.Step.Remove(second, List.of(State.QUEUED))));
            assertEquals(0, spool.counts().octets());
        }
    }
}
