// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/**
 * Measures the spool; run by hand: {@code Benchmark <folder> <messages> <keep|remove>}. 50 virtual threads commit messages
 * of 4 KB, each synced; {@code remove} takes each out again unsynced intent first, as a prompt delivery does.
 */
final class Benchmark {
    private static final int COMMITTERS = 50;

    private Benchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        long messages = Long.parseLong(arguments[1]);
        boolean remove = arguments[2].equals("remove");
        long opening = System.nanoTime();
        try (RocksSpool spool = Workbench.open(folder, Settings.DEFAULT)) {
            System.out.printf(
                    "opened in %.2f s with %d messages%n",
                    seconds(opening), spool.counts().messages());
            memory("opened");
            if (messages > 0) {
                round(spool, Math.min(messages, 20_000), remove);
                long start = System.nanoTime();
                double cpu = cpu();
                round(spool, messages, remove);
                System.out.printf(
                        "%.0f messages/s, %.4f ms of CPU each%n",
                        messages / seconds(start), (cpu() - cpu) * 1e3 / messages);
                memory("after");
            } else {
                page(spool);
            }
        }
        memory("closed");
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static double cpu() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1e3;
    }

    private static void round(Spool spool, long messages, boolean remove) throws InterruptedException {
        AtomicLong left = new AtomicLong(messages);
        byte[] octets = Workbench.message(4_000);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < COMMITTERS; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    while (left.getAndDecrement() > 0) {
                        one(spool, octets, remove);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void one(Spool spool, byte[] octets, boolean remove) throws IOException {
        MessageId id = MessageId.next();
        Draft draft = spool.draft(id);
        draft.write(octets, 0, octets.length);
        Envelope envelope = Workbench.envelope(id, draft.finish(), 1);
        spool.commit(new Change()
                .add(new Change.Step.Store(envelope, Workbench.queued(1), draft))
                .add(new Change.Step.Due(id, null, Workbench.DUE)));
        draft.close();
        if (remove) {
            spool.commit(new Change()
                    .unsynced()
                    .add(new Change.Step.Advance(
                            id, Workbench.queued(1).get(0).to(State.IN_TRANSIT, Workbench.DUE, "", ""), State.QUEUED)));
            Workbench.remove(spool, envelope, State.IN_TRANSIT);
        }
    }

    private static void page(Spool spool) throws IOException {
        long start = System.nanoTime();
        int due = spool.due(Workbench.start(), 1_000).size();
        System.out.printf("first %d due entries in %.1f ms%n", due, seconds(start) * 1e3);
        start = System.nanoTime();
        long seen = 0;
        for (List<Spool.Stored> page = spool.list(null, 1_000); !page.isEmpty(); ) {
            seen += page.size();
            page = spool.list(page.get(page.size() - 1).envelope().id(), 1_000);
        }
        System.out.printf("listed %d messages in %.1f s%n", seen, seconds(start));
        memory("listed");
    }

    private static void memory(String when) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps_rollup"), StandardCharsets.US_ASCII)) {
            if (line.startsWith("Rss:") || line.startsWith("Pss:")) {
                System.out.println(when + ": " + line.replaceAll(" +", " "));
            }
        }
    }
}
