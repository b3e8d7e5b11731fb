// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Mail goes in at one port and comes out at the next hop: all of it, unchanged. */
class RelayIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void everyMessageOfSmtpSourceArrivesAtSmtpSinkOnceAndUnchanged() throws Exception {
        int messages = Scale.of(3000, 20000);
        int direct = Ports.free();
        try (PostfixSink sink = new PostfixSink(direct, folder.resolve("direct"))) {
            source(20, direct);
            Await.until("20 messages sent directly", SOON, () -> sink.count() == 20);
        }
        try (Daemon daemon = Daemon.in(folder);
                PostfixSink sink = new PostfixSink(daemon.next, folder.resolve("relayed"))) {
            source(messages, daemon.start().smtp);
            Await.until(
                    () -> sink.count() + " of " + messages,
                    Duration.ofSeconds(120),
                    () -> sink.count() >= messages
                            && daemon.cli("queue", "list", "--json")
                                    .output()
                                    .lines()
                                    .noneMatch(l -> l.contains("\"id\"")));
            assertEquals(messages, sink.count());
        }
        PostfixSink.Letters sent = PostfixSink.letters(folder.resolve("direct"));
        PostfixSink.Letters arrived = PostfixSink.letters(folder.resolve("relayed"));
        assertEquals(messages, arrived.messageIds().size(), "every Message-Id once");
        assertEquals(sent.shapes(), arrived.shapes(), "all but trace, date and Message-Id is what smtp-source sends");
    }

    private static void source(int messages, int port) {
        Tool.run(
                        Duration.ofSeconds(300),
                        "smtp-source",
                        "-d",
                        "-s",
                        "20",
                        "-m",
                        "" + messages,
                        "-l",
                        "4096",
                        "-f",
                        "a@src.test",
                        "-t",
                        "b@dst.test",
                        "127.0.0.1:" + port)
                .mustSucceed();
    }

    @Test
    void messagesArriveOctetForOctetButForTraceHeaders() throws Exception {
        int messages = Scale.of(600, 20000);
        Map<String, String> sent = new ConcurrentHashMap<>();
        try (Daemon daemon = Daemon.in(folder).start();
                SinkServer sink = new SinkServer(daemon.next)) {
            List<Thread> sessions = java.util.stream.IntStream.range(0, 20)
                    .mapToObj(k -> Thread.ofVirtual().start(() -> send(daemon.smtp, k, messages / 20, sent)))
                    .toList();
            for (Thread session : sessions) {
                session.join();
            }
            assertEquals(messages, sent.size());
            Await.until(
                    () -> sink.messages() + " of " + messages,
                    Duration.ofSeconds(120),
                    () -> sink.messages() >= messages);
            Map<String, String> got = sink.arrivals().stream()
                    .collect(Collectors.toMap(a -> a.header("X-Letter"), SinkServer.Arrival::bodySha256));
            assertEquals(sent, got);
            String head = sink.arrivals().get(0).head();
            String original = head.substring(head.indexOf("From: <a@src.test>"));
            assertTrue(head.startsWith("Received: from client.test ("), head);
            assertTrue(
                    original.matches("(?s)From: .*?\r\nTo: .*?\r\nSubject: .*?\r\nX-Letter: .*?\r\nDate: .*?\r\nMessage-ID: .*?\r\n\r\n"),
                    head);
        }
    }

    private static void send(int port, int session, int count, Map<String, String> sent) {
        Random random = new Random(session);
        try (SmtpClient client = SmtpClient.greeted(port)) {
            for (int i = 0; i < count; i++) {
                Letters.Letter letter = Letters.random(session + "-" + i, random, random.nextInt(9000));
                client.say("MAIL FROM:<a@src.test>").expect("250");
                client.say("RCPT TO:<b@dst.test>").expect("250");
                client.say("DATA").expect("354");
                client.send(letter.wire())
                        .send(".\r\n".getBytes(StandardCharsets.US_ASCII))
                        .flush();
                client.expect("250 2.0.0 queued as ");
                sent.put(letter.id(), letter.bodySha256());
            }
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void replyNamesTheMessageAndItsCopies() throws Exception {
        try (Daemon daemon = Daemon.in(folder).start();
                SinkServer sink = new SinkServer(daemon.next);
                SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            String reply = client.deliver("a@src.test", "b@dst.test", "Subject: x\r\n\r\nx\r\n");
            assertTrue(reply.matches("250 2\\.0\\.0 queued as [0-9A-Z]{26} copies=1"), reply);
            Await.until("delivery", Duration.ofSeconds(10), () -> sink.messages() == 1);
            assertEquals(
                    new TreeSet<>(List.of("RCPT TO:<b@dst.test>")),
                    new TreeSet<>(sink.arrivals().get(0).recipients()));
        }
    }
}
