// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Octets flipped in a file of the spool: the daemon starts, says what it set aside, and delivers the rest. */
@Order(3)
@Execution(ExecutionMode.CONCURRENT)
class DamageIT {
    private static final int SMALL = 400;
    private static final int LARGE = 10;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {".log", ".sst", "MANIFEST", "CURRENT", "OPTIONS", "body"})
    void startsSaysWhatIsLostAndDeliversTheRest(String kind) throws Exception {
        Daemon daemon = Daemon.in(folder).queue("queue: { dispatch: false }");
        daemon.start();
        try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            for (int i = 0; i < SMALL; i++) {
                client.deliver("a@src.test", "b@dst.test", "Subject: s" + i + "\r\n\r\n" + "x".repeat(3000) + "\r\n");
            }
            for (int i = 0; i < LARGE; i++) {
                client.deliver(
                        "a@src.test",
                        "b@dst.test",
                        "Subject: l" + i + "\r\n\r\n" + ("y".repeat(900) + "\r\n").repeat(200));
            }
        }
        if (kind.equals(".sst")) {
            // A start replays the log into table files.
            daemon.stop();
            daemon.launch();
        }
        daemon.kill9();
        List<Path> files = files(daemon, kind);
        assertTrue(!files.isEmpty(), "no file of kind " + kind);
        for (Path file : kind.equals("body") ? files.subList(0, 1) : files) {
            flip(file);
        }
        daemon.queue("queue: { retry: \"1s\" }");
        try (SinkServer sink = new SinkServer(daemon.next, false)) {
            daemon.start();
            int least = switch (kind) {
                case "OPTIONS", "CURRENT", "MANIFEST" -> SMALL + LARGE;
                case "body" -> SMALL + LARGE - 1;
                // Some records lie in the damaged block; most do not.
                default -> (SMALL + LARGE) / 3;
            };
            Await.until(
                    () -> kind + ": " + sink.messages() + " of " + least + "\n" + daemon.log(),
                    Duration.ofSeconds(60),
                    () -> sink.messages() >= least);
            boolean whole = sink.messages() >= SMALL + LARGE;
            assertTrue(
                    whole || daemon.log().contains("aside") || daemon.events().contains("aside"), daemon.log());
            System.out.printf("damage: %s, %d of %d delivered%n", kind, sink.messages(), SMALL + LARGE);
            try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                assertTrue(client.deliver("a@src.test", "b@dst.test", "Subject: after\r\n\r\nx\r\n")
                        .startsWith("250"));
            }
        } finally {
            daemon.close();
        }
    }

    private static List<Path> files(Daemon daemon, String kind) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.walk(daemon.data().resolve("spool"))) {
            all.filter(Files::isRegularFile)
                    .filter(f -> kind.equals("body")
                            ? f.getParent().getParent().endsWith("bodies")
                            : f.getFileName().toString().contains(kind))
                    .filter(f -> f.toFile().length() > 0)
                    .forEach(found::add);
        }
        return found;
    }

    private static void flip(Path file) throws IOException {
        try (RandomAccessFile raf = new RandomAccessFile(file.toFile(), "rw")) {
            long at = raf.length() / 2;
            raf.seek(at);
            int octet = raf.read();
            raf.seek(at);
            raf.write(octet ^ 0x55);
        }
    }
}
