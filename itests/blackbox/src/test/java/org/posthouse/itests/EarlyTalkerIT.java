// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Strangers wait for the banner once; those that do not are refused as soon as they speak. */
class EarlyTalkerIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration DELAY = Duration.ofSeconds(3);

    @TempDir
    Path folder;

    private Daemon daemon;
    private SinkServer sink;

    @BeforeEach
    void start() throws IOException {
        daemon = Daemon.in(folder).plugin("early-talker", "action: reject\ndelay: " + DELAY.toSeconds() + "s\n");
        Files.createDirectories(daemon.data().resolve("plugins"));
        for (String plugin : new String[] {"relay-domains", "default-headers", "early-talker"}) {
            Jars.drop(Jars.shipped(plugin), daemon);
        }
        daemon.start();
        sink = new SinkServer(daemon.next);
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
        sink.close();
    }

    /** How long a client that is polite waits for the banner; it delivers a message then. */
    private Duration waited() throws IOException {
        long begun = System.nanoTime();
        try (SmtpClient client = new SmtpClient(daemon.mx)) {
            client.expect("220");
            Duration waited = Duration.ofNanos(System.nanoTime() - begun);
            client.say("EHLO client.test").expect("250");
            client.deliver("a@src.test", "user@local.test", "Subject: x\r\n\r\nx\r\n");
            client.say("QUIT").expect("221");
            return waited;
        }
    }

    private void isNear(Duration wanted, Duration waited) {
        assertTrue(
                waited.minus(wanted).abs().compareTo(Duration.ofMillis(1500)) < 0, () -> waited + "\n" + daemon.log());
    }

    @Test
    void aPoliteClientWaitsOnceAndARudeOneIsRefused() throws Exception {
        long begun = System.nanoTime();
        try (SmtpClient rude = new SmtpClient(daemon.mx)) {
            rude.say("EHLO rude.test").expect("554 5.5.1");
            assertThrows(EOFException.class, rude::reply);
        }
        isNear(Duration.ZERO, Duration.ofNanos(System.nanoTime() - begun));
        Await.until(
                () -> "the refusal in the event log\n" + daemon.events(),
                SOON,
                () -> daemon.events().contains("spoke before the banner"));

        isNear(DELAY, waited());
        isNear(Duration.ZERO, waited());
        daemon.stop();
        daemon.launch();
        isNear(Duration.ZERO, waited());

        try (SmtpClient hasty = new SmtpClient(daemon.mx)) {
            hasty.expect("220");
            String group = "EHLO hasty.test\r\nMAIL FROM:<a@src.test>\r\n";
            hasty.send(group.getBytes(StandardCharsets.US_ASCII)).flush().expect("250");
            hasty.expect("554 5.5.1");
        }
        Await.until("all messages", SOON, () -> sink.messages() == 3);
        try (SmtpClient ours = new SmtpClient(daemon.smtp)) {
            ours.say("EHLO ours.test").expect("220");
            ours.expect("250");
        }
    }
}
