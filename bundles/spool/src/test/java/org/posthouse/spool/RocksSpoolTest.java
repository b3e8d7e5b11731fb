// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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

final class RocksSpoolTest {
    @TempDir
    Path folder;

    private RocksSpool spool;

    @BeforeEach
    void open() throws IOException {
        spool = Workbench.open(folder);
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    private void reopen() throws IOException {
        spool.close();
        spool = Workbench.open(folder);
    }

    private long files() throws IOException {
        return new BodyFiles(folder.resolve("bodies")).all().size();
    }

    private static byte[] withTrace(byte[] octets) {
        return ("Received: by mx1\r\n" + new String(octets, StandardCharsets.US_ASCII))
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void keepsAMessageOverARestart() throws Exception {
        Envelope envelope = Workbench.put(spool, 200);
        assertEquals(envelope, spool.load(envelope.id()).orElseThrow().envelope());
        reopen();
        Spool.Stored stored = spool.load(envelope.id()).orElseThrow();
        assertEquals(envelope, stored.envelope());
        assertEquals(Workbench.queued(1), stored.progress());
        assertArrayEquals(withTrace(Workbench.message(200)), Workbench.read(spool.content(envelope)));
        assertArrayEquals(Workbench.message(200), Workbench.read(spool.received(envelope)));
        assertEquals(
                withTrace(Workbench.message(200)).length,
                spool.content(envelope).size());
        assertEquals(1, spool.counts().messages());
        assertEquals(1, spool.counts().recipients().get(State.QUEUED));
        assertEquals(Workbench.message(200).length, spool.counts().octets());
    }

    @Test
    void forgetsAMessageWhole() throws Exception {
        Envelope envelope = Workbench.put(spool, 5_000);
        assertEquals(1, files());
        Workbench.remove(spool, envelope, State.QUEUED);
        assertTrue(spool.load(envelope.id()).isEmpty());
        assertTrue(spool.due(Workbench.start(), 10).isEmpty());
        assertTrue(spool.list(null, 10).isEmpty());
        assertEquals(0, spool.counts().messages());
        assertEquals(0, spool.counts().octets());
        Workbench.await(() -> count() == 0);
    }

    private long count() {
        try {
            return files();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void advancesOneRecipientOfMany() throws Exception {
        Envelope envelope = Workbench.put(spool, Workbench.message(10), 10_000);
        Progress next = Workbench.queued(10_000).get(5_000).to(State.DEFERRED, Workbench.DUE, "451 busy", "mx");
        spool.commit(new Change().add(new Change.Step.Advance(envelope.id(), next, State.QUEUED)));
        reopen();
        List<Progress> all = spool.load(envelope.id()).orElseThrow().progress();
        assertEquals(next, all.get(5_000));
        assertEquals(State.QUEUED, all.get(4_999).state());
        assertEquals(9_999, spool.counts().recipients().get(State.QUEUED));
        assertEquals(1, spool.counts().recipients().get(State.DEFERRED));
        assertEquals(all, spool.list(null, 1).get(0).progress());
    }

    @Test
    void keepsIntentOverTheEndOfTheProcess() throws Exception {
        Envelope envelope = Workbench.put(spool, 10);
        Progress intent = Workbench.queued(1).get(0).to(State.IN_TRANSIT, Workbench.DUE, "", "");
        spool.commit(new Change().unsynced().add(new Change.Step.Advance(envelope.id(), intent, State.QUEUED)));
        assertEquals(intent, spool.load(envelope.id()).orElseThrow().progress().get(0));
        reopen();
        assertEquals(intent, spool.load(envelope.id()).orElseThrow().progress().get(0));
    }

    @Test
    void rewritesAnEnvelopeAndKeepsWhereItsRecipientsStarted() throws Exception {
        Envelope old = Workbench.put(spool, 10);
        Envelope held = new Envelope(
                old.id(),
                old.received(),
                old.origin(),
                old.sender(),
                old.recipients(),
                new Envelope.Routing("t", "z", 1, List.of(), "asked for"),
                old.trace(),
                old.head(),
                old.headEdited(),
                old.body(),
                old.notes(),
                old.stamp());
        spool.commit(new Change().add(new Change.Step.Rewrite(held)));
        reopen();
        assertEquals(held, spool.load(old.id()).orElseThrow().envelope());
        assertEquals(Workbench.queued(1), spool.load(old.id()).orElseThrow().progress());
    }

    @Test
    void listsDueEntriesInOrderFromAMark() throws Exception {
        List<Spool.DueEntry> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            MessageId id = MessageId.next();
            Instant due = Workbench.DUE.plusMillis((i * 37) % 50);
            spool.commit(new Change().add(new Change.Step.Due(id, null, due)));
            expected.add(new Spool.DueEntry(due, id));
        }
        expected.sort(Comparator.comparing(Spool.DueEntry::due).thenComparing(Spool.DueEntry::id));
        assertEquals(expected, spool.due(Workbench.start(), 100));
        assertEquals(expected.subList(20, 30), spool.due(expected.get(20), 10));
        Spool.DueEntry moved = expected.get(0);
        Instant later = Workbench.DUE.plusSeconds(9);
        spool.commit(new Change().add(new Change.Step.Due(moved.id(), moved.due(), later)));
        assertEquals(
                new Spool.DueEntry(later, moved.id()),
                spool.due(Workbench.start(), 100).get(49));
    }

    @Test
    void listsMessagesInPages() throws Exception {
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            ids.add(Workbench.put(spool, 10).id());
        }
        ids.sort(null);
        List<MessageId> found = new ArrayList<>();
        List<Spool.Stored> page = spool.list(null, 10);
        while (!page.isEmpty()) {
            page.forEach(stored -> found.add(stored.envelope().id()));
            page = spool.list(found.get(found.size() - 1), 10);
        }
        assertEquals(ids, found);
    }

    @Test
    void sharesABodyBetweenTheChildrenOfASplit() throws Exception {
        MessageId parent = MessageId.next();
        byte[] octets = Workbench.message(5_000);
        Draft draft = Workbench.draft(spool, parent, octets);
        Envelope.BodyRef body = draft.finish();
        Envelope first = Workbench.envelope(parent, body, 1);
        Envelope second = Workbench.envelope(MessageId.next(), body, 2);
        spool.commit(new Change()
                .add(new Change.Step.Store(first, Workbench.queued(1), draft))
                .add(new Change.Step.Store(second, Workbench.queued(2), null)));
        assertEquals(octets.length, spool.counts().octets());
        spool.commit(new Change().add(new Change.Step.Remove(first, List.of(State.QUEUED))));
        reopen();
        assertArrayEquals(octets, Workbench.read(spool.received(second)));
        assertEquals(octets.length, spool.counts().octets());
        spool.commit(new Change().add(new Change.Step.Remove(second, List.of(State.QUEUED, State.QUEUED))));
        assertEquals(0, spool.counts().octets());
        Workbench.await(() -> count() == 0);
    }

    @Test
    void takesAMessageThatIsRemovedTwiceForRemovedOnce() throws Exception {
        MessageId parent = MessageId.next();
        byte[] octets = Workbench.message(5_000);
        Draft draft = Workbench.draft(spool, parent, octets);
        Envelope.BodyRef body = draft.finish();
        Envelope first = Workbench.envelope(parent, body, 1);
        Envelope second = Workbench.envelope(MessageId.next(), body, 2);
        spool.commit(new Change()
                .add(new Change.Step.Store(first, Workbench.queued(1), draft))
                .add(new Change.Step.Store(second, Workbench.queued(2), null)));
        Workbench.remove(spool, first, State.QUEUED);
        Workbench.remove(spool, first, State.QUEUED);
        assertEquals(1, spool.counts().messages());
        assertEquals(2, spool.counts().recipients().get(State.QUEUED));
        reopen();
        assertArrayEquals(octets, Workbench.read(spool.received(second)));
    }

    @Test
    void setsAsideWhatIsMissingButNotWhatCanNotBeOpened() throws Exception {
        Envelope message = Workbench.put(spool, 5_000);
        Path file = new BodyFiles(folder.resolve("bodies")).path(message.id());
        Files.delete(file);
        SpoolException missing = assertThrows(SpoolException.class, () -> Workbench.read(spool.received(message)));
        assertEquals(SpoolException.Kind.DAMAGED, missing.kind());
        // A folder in its place is there and can not be opened, as with too many open files.
        Files.createDirectory(file);
        SpoolException closed = assertThrows(SpoolException.class, () -> Workbench.read(spool.received(message)));
        assertEquals(SpoolException.Kind.SICK, closed.kind());
    }

    @Test
    void refusesAChildWhoseBodyIsGoneAndCommitsTheRest() throws Exception {
        Envelope gone = Workbench.put(spool, 10);
        Workbench.remove(spool, gone, State.QUEUED);
        Envelope child = Workbench.envelope(MessageId.next(), gone.body(), 1);
        SpoolException e = assertThrows(
                SpoolException.class,
                () -> spool.commit(new Change().add(new Change.Step.Store(child, Workbench.queued(1), null))));
        assertEquals(SpoolException.Kind.DAMAGED, e.kind());
        assertEquals(0, spool.counts().messages());
        Workbench.put(spool, 10);
        assertEquals(1, spool.counts().messages());
    }

    @Test
    void takesABodyThatAHookWrote() throws Exception {
        for (int size : new int[] {100, 50_000}) {
            Draft draft = Workbench.draft(spool, MessageId.next(), Workbench.message(100));
            Envelope.BodyRef ref = draft.finish();
            byte[] written = "x".repeat(size).getBytes(StandardCharsets.US_ASCII);
            Draft replacement = Workbench.draft(spool, MessageId.next(), written);
            replacement.finish();
            Envelope.BodyRef body = new Envelope.BodyRef(
                    ref.owner(),
                    ref.file(),
                    ref.size(),
                    ref.headLength(),
                    ref.bodyOffset(),
                    ref.eightBit(),
                    ref.checksum(),
                    replacement.id().toString());
            Envelope envelope = Workbench.envelope(draft.id(), body, 1);
            spool.commit(new Change().add(new Change.Step.Store(envelope, Workbench.queued(1), draft)));
            replacement.close();
            reopen();
            String expected = "Received: by mx1\r\n" + Workbench.HEAD + "\r\n" + "x".repeat(size);
            assertEquals(expected, new String(Workbench.read(spool.content(envelope)), StandardCharsets.US_ASCII));
            assertEquals(expected.length(), spool.content(envelope).size());
            Workbench.remove(spool, envelope, State.QUEUED);
            assertEquals(0, spool.counts().octets());
        }
        Workbench.await(() -> count() == 0);
    }

    @Test
    void putsAnEditedHeadBeforeTheReceivedBody() throws Exception {
        for (String text : List.of("A: b\r\n\r\nbody\r\n", "A: b\r\n", "\r\nbody\r\n", "")) {
            Draft draft = Workbench.draft(spool, MessageId.next(), text.getBytes(StandardCharsets.US_ASCII));
            Envelope plain = Workbench.envelope(draft.id(), draft.finish(), 1);
            Envelope edited = new Envelope(
                    plain.id(),
                    plain.received(),
                    plain.origin(),
                    plain.sender(),
                    plain.recipients(),
                    plain.routing(),
                    "T: t\r\n",
                    "N: n\u00fc\r\n",
                    true,
                    plain.body(),
                    plain.notes(),
                    plain.stamp());
            spool.commit(new Change().add(new Change.Step.Store(edited, Workbench.queued(1), draft)));
            int head = text.indexOf("\r\n\r\n");
            String rest = text.startsWith("\r\n") ? text : head < 0 ? "" : text.substring(head + 2);
            String expected = "T: t\r\nN: n\u00fc\r\n" + rest;
            assertEquals(expected, new String(Workbench.read(spool.content(edited)), StandardCharsets.ISO_8859_1));
            assertEquals(expected.length(), spool.content(edited).size());
        }
    }

    @Test
    void findsTheEndOfTheHeaderBlockAcrossWrites() throws Exception {
        byte[] octets = "A: b\r\nC: d\r\n\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII);
        try (Draft draft = spool.draft(MessageId.next())) {
            for (byte octet : octets) {
                draft.write(new byte[] {octet}, 0, 1);
            }
            Envelope.BodyRef ref = draft.finish();
            assertEquals(12, ref.headLength());
            assertEquals(14, ref.bodyOffset());
            assertFalse(ref.eightBit());
            assertArrayEquals(octets, Workbench.read(draft.content()));
        }
    }

    @Test
    void deletesWhatAnAbortedTransactionLeft() throws Exception {
        Draft draft = Workbench.draft(spool, MessageId.next(), Workbench.message(10_000));
        assertEquals(1, files());
        draft.close();
        assertEquals(0, files());
    }

    @Test
    void sweepsOrphansAfterTheStartAndSparesOpenDrafts() throws Exception {
        Envelope kept = Workbench.put(spool, 5_000);
        MessageId orphan = MessageId.next();
        Path file = new BodyFiles(folder.resolve("bodies")).path(orphan);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "left by a crash");
        reopen();
        Draft draft = Workbench.draft(spool, MessageId.next(), Workbench.message(10_000));
        Workbench.await(() -> !Files.exists(file));
        assertEquals(2, files());
        assertArrayEquals(Workbench.message(5_000), Workbench.read(spool.received(kept)));
        draft.close();
    }

    @Test
    void refusesASecondProcess() {
        IOException e = assertThrows(IOException.class, () -> Workbench.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("in use"));
    }

    @Test
    void refusesANewerFormat() throws Exception {
        spool.close();
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL)) {
            Format.write(store, 2);
        }
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> Workbench.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("newer Posthouse"));
        try (Store store = Store.open(folder.resolve("db"), Workbench.SMALL)) {
            Format.write(store, 1);
        }
        spool = Workbench.open(folder);
    }

    @Test
    void servesVirtualThreads() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 200; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    Envelope envelope = Workbench.put(spool, 900);
                    Workbench.read(spool.content(envelope));
                    spool.load(MessageId.next());
                } catch (IOException | RuntimeException e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
        assertEquals(200, spool.counts().messages());
    }
}
