// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.posthouse.itests.cluster.Entry.Answer;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SmtpClient;

/**
 * Sessions that send letters to all nodes, each to its own as long as that one takes them, and to the next one when it
 * refuses, closes or is silent; every attempt is a letter of its own.
 */
final class Load implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String LINE = "What is written here does not matter, it only has to be there in the end.\r\n";

    private final History history;
    private final List<Node> nodes;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong letters = new AtomicLong(System.currentTimeMillis() * 1000);
    private final AtomicInteger idle = new AtomicInteger();
    private final Map<String, AtomicLong> acknowledged = new HashMap<>();
    private volatile boolean going;
    private volatile boolean ended;

    Load(History history, List<Node> nodes, int sessionsEach) {
        this.history = history;
        this.nodes = nodes;
        nodes.forEach(n -> acknowledged.put(n.name, new AtomicLong()));
        for (int i = 0; i < sessionsEach * nodes.size(); i++) {
            int home = i % nodes.size();
            threads.add(Thread.ofVirtual().start(() -> session(home)));
        }
    }

    void go() {
        going = true;
    }

    /** Sends no more; returns when every letter has its answer, or none will come. */
    void pause() {
        going = false;
        Await.until("an end of the load", PATIENCE.multipliedBy(3), () -> idle.get() == threads.size());
    }

    /** How many letters a node acknowledged so far. */
    long acknowledged(Node node) {
        return acknowledged.getOrDefault(node.name, new AtomicLong()).get();
    }

    private void session(int home) {
        int turn = home;
        while (!ended) {
            if (!going) {
                idle.incrementAndGet();
                while (!going && !ended) {
                    LockSupport.parkNanos(20_000_000);
                }
                idle.decrementAndGet();
            }
            Node node = nodes.get(turn % nodes.size());
            try (SmtpClient client = new SmtpClient(node.door(), PATIENCE)) {
                turn = talk(client, node) ? home : turn + 1;
            } catch (IOException e) {
                turn++;
                LockSupport.parkNanos(100_000_000);
            }
        }
    }

    /** Sends letters on one connection; false when the node has enough. */
    private boolean talk(SmtpClient client, Node node) throws IOException {
        if (!client.reply().startsWith("220") || !said(client, "EHLO load.test", "250")) {
            return false;
        }
        int most = 1 + ThreadLocalRandom.current().nextInt(20);
        for (int i = 0; i < most && going; i++) {
            if (!send(client, node, draw())) {
                return false;
            }
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(200_000_000));
        }
        client.say("QUIT");
        return true;
    }

    /** Most have a few recipients, some have many; one of eight has some that do not exist. */
    private Letter draw() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int good = random.nextInt(25) == 0 ? 20 + random.nextInt(100) : 1 + random.nextInt(6);
        int bad = random.nextInt(8) == 0 ? 1 + random.nextInt(3) : 0;
        return new Letter(Long.toString(letters.incrementAndGet(), 36), good, bad);
    }

    private boolean send(SmtpClient client, Node node, Letter letter) throws IOException {
        if (!said(client, "MAIL FROM:<" + letter.sender() + ">", "250")) {
            return false;
        }
        for (String recipient : letter.recipients()) {
            if (!said(client, "RCPT TO:<" + recipient + ">", "250")) {
                return false;
            }
        }
        if (!said(client, "DATA", "354")) {
            return false;
        }
        history.write(new Entry.Sent(now(), letter.id(), node.name, letter.good(), letter.bad()));
        String reply = "";
        try {
            reply = client.send(text(letter)).flush().reply();
        } finally {
            Answer answer =
                    reply.isEmpty() ? Answer.NONE : reply.startsWith("2") ? Answer.ACKNOWLEDGED : Answer.REFUSED;
            history.write(new Entry.Answered(now(), letter.id(), answer, reply));
        }
        if (reply.startsWith("2")) {
            acknowledged.getOrDefault(node.name, new AtomicLong()).incrementAndGet();
        }
        return reply.startsWith("2");
    }

    private static boolean said(SmtpClient client, String line, String wanted) throws IOException {
        return client.say(line).reply().startsWith(wanted);
    }

    /** Small ones, and now and then one that is too large to be kept beside its envelope. */
    private static byte[] text(Letter letter) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int lines = random.nextInt(30) == 0 ? 2000 + random.nextInt(4000) : 5 + random.nextInt(150);
        return ("From: <" + letter.sender() + ">\r\nSubject: " + letter.id() + "\r\n\r\n" + LINE.repeat(lines)
                        + ".\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    @Override
    public void close() {
        ended = true;
        going = false;
    }
}
