// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.posthouse.testkit.server.SmtpClient;

/** Sessions that send one message after the other on connections that stay open, and keep account of every answer. */
final class Load implements AutoCloseable {
    final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    /** Sent up to the final dot, with no answer to it. */
    final Set<String> unknown = ConcurrentHashMap.newKeySet();

    final AtomicLong refused = new AtomicLong();
    final AtomicLong dropped = new AtomicLong();
    final Map<String, AtomicLong> replies = new ConcurrentHashMap<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> sessions = new ArrayList<>();
    private final int port;
    private final String tag;
    private final boolean reconnects;

    /** @param reconnects whether a session whose connection broke begins anew */
    Load(int port, String tag, int sessions, boolean reconnects) {
        this.port = port;
        this.tag = tag;
        this.reconnects = reconnects;
        for (int i = 0; i < sessions; i++) {
            String name = tag + "-" + i;
            this.sessions.add(Thread.ofVirtual().start(() -> session(name)));
        }
    }

    private void session(String name) {
        int n = 0;
        do {
            try (SmtpClient client = SmtpClient.greeted(port)) {
                while (!stopped.get()) {
                    transaction(client, name + "-" + n++);
                }
                client.say("QUIT");
            } catch (IOException e) {
                if (!stopped.get()) {
                    dropped.incrementAndGet();
                }
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        } while (reconnects && !stopped.get());
    }

    private void transaction(SmtpClient client, String id) throws IOException {
        client.say("MAIL FROM:<" + tag + "@src.test>");
        String mail = client.reply();
        count(mail);
        if (!mail.startsWith("250")) {
            refused.incrementAndGet();
            return;
        }
        client.say("RCPT TO:<user@local.test>").expect("250");
        client.say("DATA").expect("354");
        unknown.add(id);
        client.send(("X-Letter: " + id + "\r\nFrom: <a@src.test>\r\n\r\n" + "x".repeat(1000) + "\r\n.\r\n")
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .flush();
        String reply = client.reply();
        unknown.remove(id);
        count(reply);
        if (reply.startsWith("250")) {
            acknowledged.add(id);
        } else {
            refused.incrementAndGet();
        }
    }

    private void count(String reply) {
        replies.computeIfAbsent(reply.substring(0, Math.min(9, reply.length())), r -> new AtomicLong())
                .incrementAndGet();
    }

    long done() {
        return acknowledged.size();
    }

    void stop() {
        stopped.set(true);
        for (Thread session : sessions) {
            try {
                session.join(java.time.Duration.ofSeconds(60));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        stop();
    }
}
