// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.rocksdb.RocksDBException;

final class SickDiskTest {
    @TempDir
    Path folder;

    private static RocksDBException error(String text) {
        return new RocksDBException(text);
    }

    @Test
    void reopensAfterAFailedSyncAndTakesBackWhatWasNotAcknowledged() throws Exception {
        AtomicReference<String> fault = new AtomicReference<>("");
        Faults faults = (written, synced) -> {
            // After the write: the message is in the log, but its sync failed.
            if (written && !fault.get().isEmpty()) {
                throw error(fault.getAndSet(""));
            }
        };
        List<Spool.Condition> heard = new ArrayList<>();
        try (RocksSpool spool = Workbench.open(folder, Workbench.SMALL, () -> Long.MAX_VALUE, faults)) {
            spool.onCondition(condition -> {
                synchronized (heard) {
                    heard.add(condition);
                }
            });
            Envelope kept = Workbench.put(spool, 100);
            fault.set("IO error: While fdatasync: Input/output error");
            SpoolException e = assertThrows(SpoolException.class, () -> Workbench.put(spool, 200));
            assertEquals(SpoolException.Kind.SICK, e.kind());
            Workbench.await(() -> spool.condition().working());
            assertEquals(List.of(kept.id()), ids(spool));
            assertEquals(1, spool.counts().messages());
            assertEquals(1, spool.due(Workbench.start(), 10).size());
            Workbench.put(spool, 300);
            assertEquals(2, spool.counts().messages());
            synchronized (heard) {
                assertFalse(heard.get(0).working());
                assertEquals(Spool.Condition.GOOD, heard.get(heard.size() - 1));
            }
        }
    }

    private static List<MessageId> ids(Spool spool) throws IOException {
        return spool.list(null, 100).stream().map(s -> s.envelope().id()).toList();
    }

    @Test
    void failsFastWhileSick() throws Exception {
        AtomicReference<String> fault = new AtomicReference<>("");
        Faults faults = (written, synced) -> {
            if (!fault.get().isEmpty()) {
                throw error(fault.get());
            }
        };
        try (RocksSpool spool = Workbench.open(folder, Workbench.SMALL, () -> Long.MAX_VALUE, faults)) {
            fault.set("IO error: Input/output error");
            assertThrows(SpoolException.class, () -> Workbench.put(spool, 3_000));
            // Healed in between or not: no commit is acknowledged while writes fail, and none hangs.
            for (int i = 0; i < 20; i++) {
                SpoolException e = assertThrows(SpoolException.class, () -> Workbench.put(spool, 3_000));
                assertEquals(SpoolException.Kind.SICK, e.kind());
            }
            fault.set("");
            Workbench.await(() -> spool.condition().working());
            assertEquals(List.of(), ids(spool));
            assertEquals(0, spool.counts().messages());
        }
    }

    private static Envelope prepared(Spool spool, int size, AtomicReference<Draft> draft) throws IOException {
        MessageId id = MessageId.next();
        Draft written = Workbench.draft(spool, id, Workbench.message(size));
        draft.set(written);
        return Workbench.envelope(id, written.finish(), 1);
    }

    @Test
    void keepsANoticeTogetherWithTheOutcomeThatCausedIt() throws Exception {
        AtomicReference<String> fault = new AtomicReference<>("");
        Faults faults = (written, synced) -> {
            if (written && !fault.get().isEmpty()) {
                throw error(fault.getAndSet(""));
            }
        };
        AtomicReference<Draft> draft = new AtomicReference<>();
        try (RocksSpool spool = Workbench.open(folder, Workbench.SMALL, () -> Long.MAX_VALUE, faults)) {
            Envelope failed = Workbench.put(spool, 100);
            Envelope notice = prepared(spool, 3_000, draft);
            Change outcome = new Change()
                    .add(new Change.Step.Remove(failed, List.of(State.QUEUED)))
                    .add(new Change.Step.Due(failed.id(), Workbench.DUE, null))
                    .add(new Change.Step.Store(notice, Workbench.queued(1), draft.get()))
                    .add(new Change.Step.Due(notice.id(), null, Workbench.DUE));
            fault.set("IO error: While fdatasync: Input/output error");
            assertThrows(SpoolException.class, () -> spool.commit(outcome));
            draft.get().close();
            Workbench.await(() -> spool.condition().working());
            // It was in the log: then all of it counts, or the sender would never be told.
            assertEquals(List.of(notice.id()), ids(spool));
            assertEquals(1, spool.counts().messages());
            assertEquals(1, spool.due(Workbench.start(), 10).size());
            assertArrayEquals(Workbench.message(3_000), Workbench.read(spool.received(notice)));
        }
    }

    @Test
    void takesADraftAgainWhoseCommitDidNotHappen() throws Exception {
        AtomicReference<String> fault = new AtomicReference<>("");
        Faults faults = (written, synced) -> {
            if (!written && !fault.get().isEmpty()) {
                throw error(fault.getAndSet(""));
            }
        };
        AtomicReference<Draft> draft = new AtomicReference<>();
        try (RocksSpool spool = Workbench.open(folder, Workbench.SMALL, () -> Long.MAX_VALUE, faults)) {
            for (int size : List.of(100, 3_000)) {
                Envelope message = prepared(spool, size, draft);
                Change change = new Change().add(new Change.Step.Store(message, Workbench.queued(1), draft.get()));
                fault.set("IO error: Input/output error");
                assertThrows(SpoolException.class, () -> spool.commit(change));
                Workbench.await(() -> spool.condition().working());
                spool.commit(change);
                draft.get().close();
                assertArrayEquals(Workbench.message(size), Workbench.read(spool.received(message)));
            }
            assertEquals(2, spool.counts().messages());
        }
    }

    @Test
    void takesNoDraftThatCouldNotBeWritten() throws Exception {
        try (RocksSpool spool = Workbench.open(folder);
                Draft draft = spool.draft(MessageId.next())) {
            draft.write(Workbench.message(3_000), 0, 3_000);
            Thread.currentThread().interrupt();
            try {
                assertThrows(IOException.class, () -> draft.write(Workbench.message(3_000), 0, 3_000));
            } finally {
                assertTrue(Thread.interrupted());
            }
            assertThrows(SpoolException.class, () -> draft.write(Workbench.message(3_000), 0, 3_000));
            assertThrows(SpoolException.class, draft::finish);
        }
    }

    @Test
    void stopsIntakeWhenSpaceIsLowAndGivesUpTheBallast() throws Exception {
        AtomicLong free = new AtomicLong(Long.MAX_VALUE);
        Settings settings = new Settings(1_000, 1_000_000, 100_000, 100_000, 0, 1_000_000, 8_000_000, 8_000_000);
        Path ballast = folder.resolve("ballast");
        try (RocksSpool spool = Workbench.open(folder, settings, free::get, Faults.NONE)) {
            Workbench.await(() -> Files.exists(ballast));
            assertEquals(Spool.Condition.GOOD, spool.condition());
            Envelope message = Workbench.put(spool, 100);
            free.set(900_000);
            Workbench.await(() -> !spool.condition().accepting());
            assertTrue(spool.condition().working());
            assertTrue(Files.exists(ballast));
            free.set(40_000);
            Workbench.await(() -> !Files.exists(ballast));
            Workbench.remove(spool, message, State.QUEUED);
            free.set(1_010_000);
            free.set(2_000_000);
            Workbench.await(() -> spool.condition().accepting() && Files.exists(ballast));
        }
    }

    @Test
    void survivesAFullDisk() throws Exception {
        Assumptions.assumeTrue(mount(), "needs the right to mount a small tmpfs");
        try {
            fillUp();
        } finally {
            run("umount", folder.toString());
        }
    }

    private void fillUp() throws Exception {
        Settings settings = new Settings(1_000, 1, 4_000_000, 100_000, 0, 1_000_000, 8_000_000, 8_000_000);
        AtomicLong told = new AtomicLong(Long.MAX_VALUE);
        List<Envelope> kept = new ArrayList<>();
        try (RocksSpool spool = Workbench.open(folder, settings, told::get, Faults.NONE)) {
            Workbench.await(() -> size(folder.resolve("ballast")) == 4_000_000);
            told.set(settings.minFree());
            SpoolException e = assertThrows(SpoolException.class, () -> {
                while (kept.size() < 100_000) {
                    kept.add(Workbench.put(spool, kept.size() % 2 == 0 ? 900 : 20_000));
                }
            });
            assertEquals(SpoolException.Kind.FULL, e.kind());
            Workbench.await(() -> spool.condition().working() && !Files.exists(folder.resolve("ballast")));
            assertEquals(kept.size(), spool.counts().messages());
            // Deliveries go on and free the space.
            for (Envelope envelope : kept) {
                assertTrue(spool.load(envelope.id()).isPresent());
                Workbench.remove(spool, envelope, State.QUEUED);
            }
            assertEquals(0, spool.counts().messages());
            told.set(Long.MAX_VALUE);
            Workbench.await(() -> spool.condition().accepting());
            Workbench.put(spool, 20_000);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return -1;
        }
    }

    private boolean mount() throws Exception {
        return run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder.toString()) == 0;
    }

    private static int run(String... command) throws Exception {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (IOException e) {
            return -1;
        }
    }
}
