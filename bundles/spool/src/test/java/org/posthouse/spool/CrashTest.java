// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** Kills a process in the middle of its writes and looks whether all it acknowledged is there. */
final class CrashTest {
    @TempDir
    Path folder;

    /** The process that is killed: stores and removes, tells each outcome, never ends by itself. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            RocksSpool spool = Workbench.open(Path.of(arguments[0]));
            for (int i = 0; i < 20; i++) {
                int size = i % 5 == 0 ? 3_000 : 300;
                Thread.startVirtualThread(() -> work(spool, size));
            }
            new CountDownLatch(1).await();
        }

        private static void work(Spool spool, int size) {
            try {
                for (int n = 0; ; n++) {
                    Envelope envelope = Workbench.putWithRecord(spool, size);
                    tell("+" + envelope.id());
                    if (n % 3 == 0) {
                        tell("?" + envelope.id());
                        Workbench.removeWithRecord(spool, envelope);
                        tell("-" + envelope.id());
                    }
                }
            } catch (IOException e) {
                tell("!" + e);
            }
        }

        private static synchronized void tell(String line) {
            System.out.println(line);
        }
    }

    @Test
    void losesNothingAcknowledgedWhenKilled() throws Exception {
        Set<String> kept = new TreeSet<>();
        Set<String> doubtful = new TreeSet<>();
        Set<String> gone = new TreeSet<>();
        for (int round = 1; round <= 3; round++) {
            kill(round * 400, kept, doubtful, gone);
            check(kept, doubtful, gone);
        }
    }

    private void kill(int after, Set<String> kept, Set<String> doubtful, Set<String> gone) throws Exception {
        Process victim = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        folder.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = victim.inputReader(StandardCharsets.US_ASCII)) {
            int lines = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                hear(line, kept, doubtful, gone);
                if (++lines == after) {
                    // Not by the Process, which would throw away what is still in the pipe.
                    victim.toHandle().destroyForcibly();
                }
            }
        }
        victim.waitFor();
    }

    private static void hear(String line, Set<String> kept, Set<String> doubtful, Set<String> gone) {
        if (line.length() != 27) {
            // Cut off by the kill, or something the logging says.
            return;
        }
        String id = line.substring(1);
        switch (line.charAt(0)) {
            case '+' -> kept.add(id);
            case '?' -> doubtful.add(id);
            case '-' -> gone.add(id);
            default -> throw new AssertionError(line);
        }
    }

    private void check(Set<String> kept, Set<String> doubtful, Set<String> gone) throws IOException {
        try (RocksSpool spool = Workbench.open(folder)) {
            List<Spool.Stored> all = new ArrayList<>();
            for (MessageId after = null; ; ) {
                List<Spool.Stored> page = spool.list(after, 500);
                if (page.isEmpty()) {
                    break;
                }
                all.addAll(page);
                after = page.get(page.size() - 1).envelope().id();
            }
            Set<String> found = new TreeSet<>();
            long octets = 0;
            for (Spool.Stored stored : all) {
                found.add(stored.envelope().id().toString());
                octets += stored.envelope().body().size();
                int size = stored.envelope().body().file() ? 3_000 : 300;
                assertArrayEquals(Workbench.message(size), Workbench.read(spool.received(stored.envelope())));
            }
            checkRecords(spool, found);
            Set<String> missing = new TreeSet<>(kept);
            missing.removeAll(found);
            missing.removeAll(doubtful);
            assertEquals(Set.of(), missing);
            assertTrue(found.stream().noneMatch(gone::contains), "removed messages came back");
            assertEquals(new Spool.Counts(found.size(), counts(found.size()), octets), spool.counts());
            assertEquals(found.size(), spool.due(Workbench.start(), 1_000_000).size());
            assertEquals(List.of(), spool.setAside());
            assertTrue(kept.size() > 100, "too few messages for a test: " + kept.size());
        }
    }

    /** A message and its record are one change, and so are its removal and the memory of it. */
    private static void checkRecords(RocksSpool spool, Set<String> found) throws IOException {
        Set<String> recorded = new TreeSet<>();
        for (MessageId after = null; ; ) {
            List<Records.Kept> page = spool.records().list(after, 500);
            if (page.isEmpty()) {
                break;
            }
            for (Records.Kept record : page) {
                String id = record.id().toString();
                String text = new String(record.octets(), StandardCharsets.US_ASCII);
                assertEquals((found.contains(id) ? "here " : "gone ") + id, text);
                recorded.add(id);
            }
            after = page.get(page.size() - 1).id();
        }
        assertTrue(recorded.containsAll(found));
    }

    private static Map<State, Long> counts(long queued) {
        Tally tally = new Tally();
        for (long i = 0; i < queued; i++) {
            tally.enter(Workbench.queued(1));
        }
        return tally.counts().recipients();
    }
}
