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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

final class RocksVaultTest {
    private static final Instant NEVER = Instant.parse("2999-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private static Vault.Item item(String table, String key, String value, Instant expires) {
        return new Vault.Item(table, key, value.getBytes(StandardCharsets.UTF_8), expires);
    }

    private static String text(Vault vault, String table, String key) throws SpoolException {
        return vault.get(table, key)
                .map(item -> new String(item.value(), StandardCharsets.UTF_8))
                .orElse("-");
    }

    @Test
    void keepsWhatWasWrittenLastOverARestart() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Vault vault = spool.vault();
            vault.write(List.of(item("a", "k", "1", NEVER), item("a", "gone", "x", NEVER)), true);
            vault.write(List.of(item("a", "k", "2", NEVER), new Vault.Removal("a", "gone")), false);
            assertEquals("2", text(vault, "a", "k"));
        }
        try (RocksSpool spool = Workbench.open(folder)) {
            assertEquals("2", text(spool.vault(), "a", "k"));
            assertEquals("-", text(spool.vault(), "a", "gone"));
            assertEquals(0, spool.counts().messages());
        }
    }

    @Test
    void tellsTablesApartWhoseNamesBeginAlike() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Vault vault = spool.vault();
            vault.write(List.of(item("a", "bc", "1", NEVER), item("ab", "c", "2", NEVER)), true);
            assertEquals("1", text(vault, "a", "bc"));
            assertEquals("2", text(vault, "ab", "c"));
            assertEquals(1, vault.scan("a", "", 10).size());
        }
    }

    @Test
    void scansInOrderPastWhatIsExpired() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Vault vault = spool.vault();
            List<Vault.Entry> items = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                items.add(item("t", "k" + (100 + i), "v", i % 2 == 0 ? NEVER : Instant.EPOCH));
            }
            items.add(item("u", "a", "other", NEVER));
            vault.write(items, true);
            List<String> keys =
                    vault.scan("t", "", 3).stream().map(Vault.Item::key).toList();
            assertEquals(List.of("k100", "k102", "k104"), keys);
            assertEquals(48, vault.scan("t", "k103", 1_000).size());
            assertEquals("k106", vault.scan("t", "k104", 1).get(0).key());
            assertEquals("-", text(vault, "t", "k101"));
        }
    }

    @Test
    void walksThroughAllTablesAPieceAtATime() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Vault vault = spool.vault();
            List<Vault.Entry> items = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                items.add(item(i % 2 == 0 ? "t" : "u", "k" + (100 + i), "v", i % 3 == 0 ? Instant.EPOCH : NEVER));
            }
            vault.write(items, true);
            List<String> found = new ArrayList<>();
            byte[] mark = new byte[0];
            int pieces = 0;
            do {
                Vault.Page page = vault.walk(mark, 7);
                page.items().forEach(i -> found.add(i.table() + i.key()));
                mark = page.next();
                pieces++;
            } while (mark.length > 0);
            assertEquals(20, found.size());
            assertEquals(found.stream().sorted().distinct().toList(), found);
            assertEquals(5, pieces);
        }
    }

    @Test
    void refusesWhatIsTooLong() throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            Vault vault = spool.vault();
            assertThrows(IllegalArgumentException.class, () -> vault.get("", "k"));
            assertThrows(IllegalArgumentException.class, () -> vault.get("t", "k".repeat(1_025)));
            Vault.Item large = new Vault.Item("t", "k", new byte[Vault.VALUE + 1], NEVER);
            assertThrows(IllegalArgumentException.class, () -> vault.write(List.of(large), true));
            vault.write(List.of(new Vault.Item("t", "k", new byte[Vault.VALUE], NEVER)), true);
            assertArrayEquals(
                    new byte[Vault.VALUE], vault.get("t", "k").orElseThrow().value());
        }
    }

    @Test
    void sweepsWhatIsExpiredPieceByPieceAndCountsTheRest() throws Exception {
        int all = 3 * VaultSweep.PIECE;
        try (RocksSpool spool = Workbench.open(folder)) {
            List<Vault.Entry> items = new ArrayList<>();
            for (int i = 0; i < all; i++) {
                items.add(item(i % 3 == 0 ? "one" : "two", "k" + i, "v", i % 2 == 0 ? NEVER : Instant.EPOCH));
            }
            spool.vault().write(items, true);
            Workbench.await(() -> spool.vault().counted("").items() == all / 2);
            assertEquals(all / 6, spool.vault().counted("one").items());
        }
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL)) {
            int left = 0;
            try (Store.Scan scan = store.scan(Table.VAULT, new byte[] {Table.VAULT.mark()})) {
                for (; scan.valid(); scan.next()) {
                    left++;
                }
            }
            assertEquals(all / 2, left);
        }
    }

    /** The committer may find the sweep's removal and a new value in one batch, in either order. */
    @Test
    void aSweepRemovesNothingThatWasWrittenAnew() throws Exception {
        byte[] key = VaultCodec.key("t", "k");
        byte[] old = VaultCodec.encode(key, item("t", "k", "old", Instant.EPOCH));
        byte[] fresh = VaultCodec.encode(key, item("t", "k", "new", NEVER));
        VaultWrite sweep = VaultWrite.removal(List.of(new RocksVault.Raw(key, old)));
        VaultWrite write = VaultWrite.of(List.of(item("t", "k", "new", NEVER)), true);
        Files.createDirectories(folder.resolve("db"));
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL)) {
            for (List<VaultWrite> order : List.of(List.of(sweep, write), List.of(write, sweep))) {
                put(store, key, old);
                try (Round round = new Round(store, new Tally())) {
                    for (VaultWrite action : order) {
                        round.apply(action);
                    }
                    store.write(round.batch(), false);
                }
                assertArrayEquals(fresh, store.get(Table.VAULT, key));
            }
            try (Round round = new Round(store, new Tally())) {
                round.apply(sweep);
                store.write(round.batch(), false);
            }
            assertArrayEquals(fresh, store.get(Table.VAULT, key));
        }
    }

    private static void put(Store store, byte[] key, byte[] record) throws Exception {
        try (WriteBatch batch = new WriteBatch()) {
            store.put(batch, Table.VAULT, key, record);
            store.write(batch, false);
        }
    }

    @Test
    void canBeUsedOnVirtualThreads() throws Exception {
        try (RocksSpool spool = Workbench.open(folder)) {
            AtomicReference<String> seen = new AtomicReference<>("");
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            spool.vault().write(List.of(item("t", "k", "v", NEVER)), false);
                            seen.set(text(spool.vault(), "t", "k"));
                        } catch (SpoolException e) {
                            seen.set(e.toString());
                        }
                    })
                    .join();
            assertEquals("v", seen.get());
        }
    }

    @Test
    void aSickDiskIsToldAndWritingAgainHeals() throws Exception {
        AtomicReference<String> fault = new AtomicReference<>("");
        try (RocksSpool spool = Workbench.open(folder, Workbench.SMALL, () -> Long.MAX_VALUE, (written, synced) -> {
            if (!fault.get().isEmpty()) {
                throw new RocksDBException(fault.get());
            }
        })) {
            fault.set("IO error: a test");
            assertThrows(SpoolException.class, () -> spool.vault().write(List.of(item("t", "k", "v", NEVER)), true));
            fault.set("");
            Workbench.await(() -> spool.condition().working());
            spool.vault().write(List.of(item("t", "k", "v", NEVER)), true);
            assertEquals("v", text(spool.vault(), "t", "k"));
            assertTrue(spool.setAside().isEmpty());
        }
    }
}
