// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** The conformance suites that nobody here wrote; skipped, and saying so, where they are not at hand. */
@Order(2)
@Execution(ExecutionMode.CONCURRENT)
class SuitesIT {
    @TempDir
    Path folder;

    @BeforeEach
    void needsTheSuites() {
        Suites.assumePresent();
    }

    @Test
    void receivingOnTrustedRelayListener() {
        try (Daemon daemon = Daemon.in(folder).shipped().start()) {
            Suites.run(
                    "smtp_blackbox.py",
                    "127.0.0.1",
                    "" + daemon.smtp,
                    "--rcpt",
                    "user@local.test",
                    "--sink-port",
                    "" + daemon.next,
                    "--starttls",
                    "--skip",
                    "^relay-|data-all-rcpt-refused|bad-rcpt-then-good");
        }
    }

    @Test
    void receivingOnMxListener() {
        try (Daemon daemon = Daemon.in(folder)
                .shipped()
                .plugin("relay-domains", "domains: [local.test]\nrecipients: [user@local.test]\n")
                .start()) {
            Suites.run(
                    "smtp_blackbox.py",
                    "127.0.0.1",
                    "" + daemon.mx,
                    "--rcpt",
                    "user@local.test",
                    "--bad-rcpt",
                    "nobody@local.test",
                    "--sink-port",
                    "" + daemon.next,
                    "--starttls");
        }
    }

    @Test
    void receivingBehindProxyWithImplicitTls() {
        int proxied = Ports.free();
        int implicit = Ports.free();
        try (Daemon daemon = Daemon.in(folder).shipped().start()) {
            daemon.write("posthouse.yaml", read(daemon.configuration()).replace("smtp:\n", """
                    smtp:
                      proxied: { address: "127.0.0.1:%d", profile: mx, proxyProtocolFrom: ["127.0.0.1"], maxConnectionsPerIp: 2000 }
                      implicit: { address: "127.0.0.1:%d", profile: mx, tls: implicit, maxConnectionsPerIp: 2000 }
                    """.formatted(
                            proxied, implicit)));
            Await.until(() -> "listener on " + implicit + "\n" + daemon.log(), Duration.ofSeconds(20), () -> {
                new java.net.Socket("127.0.0.1", implicit).close();
                return true;
            });
            Suites.run(
                    "smtp_blackbox.py",
                    "127.0.0.1",
                    "" + proxied,
                    "--rcpt",
                    "user@local.test",
                    "--proxy",
                    "v1",
                    "--only",
                    "^(greet|ehlo|helo|noop|two|proxy|relay|conn|data-basic|pipe)");
            Suites.run(
                    "smtp_blackbox.py",
                    "127.0.0.1",
                    "" + implicit,
                    "--rcpt",
                    "user@local.test",
                    "--tls",
                    "--only",
                    "^(greet|ehlo|helo|noop|two|data-basic|pipe|tls-|bdat|starttls-twice)");
        }
    }

    @Test
    void deliveringAndNotifying() {
        int mx = Ports.free();
        int local = Ports.free();
        try (Daemon daemon = Daemon.in(folder)
                .shipped()
                .routes("routes:\n  remote: { domains: [remote.test], relay: \"smtp://127.0.0.1:" + mx
                        + "\" }\n  local: { domains: [local.test], relay: \"smtp://127.0.0.1:" + local + "\" }\n")
                .start()) {
            List<String> command = new ArrayList<>(List.of(
                    "outbound_blackbox.py",
                    "127.0.0.1",
                    "" + daemon.smtp,
                    "--mx-port",
                    "" + mx,
                    "--sink-port",
                    "" + local,
                    "--retry",
                    "15"));
            Path replies = Suites.data("bounce_replies.json");
            if (Files.exists(replies)) {
                command.addAll(List.of("--replies", replies.toString()));
            }
            Suites.run(command.toArray(String[]::new));
        }
    }

    @Test
    void relayingTortureMessagesFaithfully() {
        try (Daemon daemon = Daemon.in(folder).shipped().start()) {
            List<String> command = new ArrayList<>(
                    List.of("relay_fidelity.py", "127.0.0.1", "" + daemon.smtp, "--sink-port", "" + daemon.next));
            for (String corpus : List.of("mime_mailparser", "mime_mime4j", "bounce_eml")) {
                Path dir = Suites.data(corpus);
                if (Files.isDirectory(dir)) {
                    command.add(dir.toString());
                }
            }
            Suites.run(command.toArray(String[]::new));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
