// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** What owners of domains want done with forged mail, over SMTP and with a DNS server; skipped where there is none at hand. */
class DmarcIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path DNSD = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"))
            .resolve("run/dnsd.py")
            .toAbsolutePath()
            .normalize();

    @TempDir
    Path folder;

    private final int port = Ports.free();
    private Process dns;
    private Daemon daemon;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Files.exists(DNSD), "no " + DNSD);
        Path zone = Files.writeString(folder.resolve("zone.json"), """
                {"_dmarc.reject.test": [["TXT", "v=DMARC1; p=reject; rua=mailto:d@reject.test"]],
                 "_dmarc.hold.test": [["TXT", "v=DMARC1; p=quarantine"]],
                 "_dmarc.slow.test": [["TIMEOUT"]]}
                """);
        dns = new ProcessBuilder("python3", "-B", DNSD.toString(), "--port", "" + port, zone.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("dnsd.log").toFile())
                .start();
        Await.until(
                "a DNS server on " + port,
                SOON,
                () -> Files.readString(folder.resolve("dnsd.log")).startsWith("dnsd on"));
        daemon = Daemon.in(folder)
                .dns("dns: { servers: [\"127.0.0.1:" + port + "\"], timeout: 2s }")
                .plugin(
                        "dmarc",
                        "profiles: [mx]\naction: enforce\nreports: collect\noverrides: [\"soft.reject.test=report\"]\n");
        daemon.start();
    }

    @AfterEach
    void stop() {
        if (daemon != null) {
            daemon.close();
        }
        if (dns != null) {
            dns.destroy();
        }
    }

    private String deliver(String author) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            return client.deliver(
                    "a@bulk.test", "user@local.test", "From: Anna <anna@" + author + ">\r\nSubject: x\r\n\r\nx\r\n");
        }
    }

    @Test
    void doesWhatTheOwnerWants() throws Exception {
        assertEquals("550 5.7.1 Rejected by the DMARC policy of reject.test", deliver("reject.test"));
        try (SinkServer sink = new SinkServer(daemon.next)) {
            String held = deliver("hold.test");
            assertTrue(held.startsWith("250"), held);
            for (String author : new String[] {"soft.reject.test", "none.test", "slow.test"}) {
                assertTrue(deliver(author).startsWith("250"), author);
            }
            Await.until(() -> daemon.log(), SOON, () -> sink.messages() == 3);
            String results = sink.arrivals().stream()
                    .map(arrival -> arrival.header("Authentication-Results"))
                    .toList()
                    .toString();
            for (String result : new String[] {
                "dmarc=fail policy.dmarc=reject header.from=soft.reject.test",
                "dmarc=none header.from=none.test",
                "header.from=slow.test"
            }) {
                assertTrue(results.contains(result), results);
            }
            assertTrue(results.contains("dmarc=temperror"), results);
            String queue = daemon.cli("queue", "list").mustSucceed().output();
            assertTrue(queue.contains(held.split(" ")[4]) && queue.contains("held"), queue);
        }
        String record =
                daemon.cli("dmarc", "check", "a.reject.test").mustSucceed().output();
        assertTrue(record.contains("_dmarc.reject.test") && record.contains("d@reject.test"), record);
        String collected = daemon.cli("dmarc", "reports").mustSucceed().output();
        assertTrue(collected.contains("reject.test") && !collected.contains("hold.test"), collected);
    }
}
