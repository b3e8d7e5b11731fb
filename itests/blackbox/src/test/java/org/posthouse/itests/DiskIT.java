// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** No 250 without a sync, whatever the disk does; what was acknowledged is delivered once the disk is well again. */
class DiskIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void everySuccessReplyFollowsSync() throws Exception {
        assumeTrue(Tool.exists("strace"), "strace is not installed");
        Path trace = folder.resolve("trace");
        int messages = 50;
        try (Daemon daemon = Daemon.in(folder)
                .queue("queue: { dispatch: false }")
                .under(
                        "strace",
                        "-f",
                        "-tt",
                        "-s",
                        "120",
                        "-o",
                        trace.toString(),
                        "-e",
                        "trace=fdatasync,fsync,write,writev,sendto,sendmsg")
                .start()) {
            try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                for (int i = 0; i < messages; i++) {
                    client.deliver("a@src.test", "b@dst.test", "Subject: " + i + "\r\n\r\nx\r\n");
                }
            }
        }
        int replies = 0;
        boolean synced = false;
        for (String line : Files.readAllLines(trace, java.nio.charset.StandardCharsets.ISO_8859_1)) {
            if ((line.contains("fdatasync(")
                            || line.contains("fdatasync resumed")
                            || line.contains("fsync(")
                            || line.contains("fsync resumed"))
                    && line.endsWith("= 0")) {
                synced = true;
            } else if (line.contains("250 2.0.0 queued as")) {
                assertTrue(synced, "250 without a sync since the one before: " + line);
                synced = false;
                replies++;
            }
        }
        assertEquals(messages, replies);
        System.out.printf("disk: %d replies, each after a sync of its own%n", replies);
    }

    @Test
    void sickDiskRefusesMailLosesNothingAndHeals() throws Exception {
        assumeTrue(Tool.exists("gcc"), "gcc is not installed");
        Path shim = folder.resolve("sickdisk.so");
        Tool.run(SOON, "gcc", "-O1", "-shared", "-fPIC", "-o", shim.toString(), "src/test/c/sickdisk.c", "-ldl")
                .mustSucceed();
        Path control = folder.resolve("mood");
        Files.writeString(control, "ok");
        Daemon daemon = Daemon.in(folder)
                .environment("LD_PRELOAD", shim.toString())
                .environment("SICKDISK_CONTROL", control.toString())
                .environment("SICKDISK_ROOT", folder.resolve("data/spool").toString());
        daemon.start();
        try (SinkServer sink = new SinkServer(daemon.next)) {
            for (String mood : new String[] {"enospc", "eio-write", "eio-sync"}) {
                try (Load load = new Load(daemon.smtp, mood, 10, true)) {
                    Await.until("traffic before " + mood, SOON, () -> load.done() > 100);
                    Files.writeString(control, mood);
                    Await.until(
                            () -> "/ready red under " + mood + "\n" + daemon.log(), SOON, () -> ready(daemon) == 503);
                    long acknowledged = load.done();
                    Await.until("refusals under " + mood, SOON, () -> load.refused.get() > 0 || load.dropped.get() > 5);
                    long after = load.done();
                    assertTrue(after - acknowledged <= 10, (after - acknowledged) + " acknowledged on a sick disk");
                    Files.writeString(control, "ok");
                    Await.until(
                            () -> "/ready green after " + mood + "\n" + daemon.log(), SOON, () -> ready(daemon) == 200);
                    long healed = load.done();
                    Await.until(
                            () -> "traffic after " + mood + "\n" + daemon.log(),
                            SOON,
                            () -> load.done() > healed + 100);
                    load.stop();
                    Await.until(
                            () -> mood + ": " + missing(load, sink) + " missing\n" + daemon.log(),
                            SOON,
                            () -> missing(load, sink) == 0);
                    System.out.printf("disk: %s, %d acknowledged, 0 lost%n", mood, load.acknowledged.size());
                }
            }
            Files.writeString(control, "slow-sync");
            try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                long start = System.nanoTime();
                assertTrue(client.deliver("a@src.test", "b@dst.test", "Subject: slow\r\n\r\nx\r\n")
                        .startsWith("250"));
                assertTrue(System.nanoTime() - start >= 190_000_000, "250 came before a sync of 200 ms could end");
            }
            Files.writeString(control, "ok");
        } finally {
            daemon.close();
        }
    }

    private static int missing(Load load, SinkServer sink) {
        Set<String> ids = new HashSet<>(load.acknowledged);
        sink.arrivals().forEach(a -> ids.remove(a.header("X-Letter")));
        return ids.size();
    }

    private static int ready(Daemon daemon) throws IOException {
        return Http.send("GET", "http://127.0.0.1:" + daemon.metrics + "/ready").statusCode();
    }
}
