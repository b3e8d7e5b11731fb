// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SmtpClient;

/** Sessions that ask for one recipient after the other, whatever the answers are, and send what was accepted. */
final class Asking implements AutoCloseable {
    private static final String MESSAGE = "From: <a@src.test>\r\nSubject: x\r\n\r\nx\r\n.";

    private final AtomicLong asked = new AtomicLong();
    private final Map<String, AtomicLong> deferred = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> sessions = new ArrayList<>();

    Asking(int port, int count) {
        for (int i = 0; i < count; i++) {
            sessions.add(Thread.ofVirtual().start(() -> session(port)));
        }
    }

    private void session(int port) {
        try (SmtpClient client = SmtpClient.greeted(port)) {
            while (!stopped.get()) {
                client.say("MAIL FROM:<someone@src.test>").expect("250");
                String reply = client.say("RCPT TO:<user@local.test>").reply();
                if (reply.startsWith("250")) {
                    client.say("DATA").expect("354");
                    client.say(MESSAGE).expect("250");
                } else {
                    deferred.computeIfAbsent(reply, r -> new AtomicLong()).incrementAndGet();
                    client.say("RSET").expect("250");
                }
                asked.incrementAndGet();
            }
            client.say("QUIT").expect("221");
        } catch (IOException | AssertionError e) {
            wrong.add(e.toString());
        }
    }

    /** Waits until so many more were asked for. */
    void awaitMore(long count) {
        long goal = asked.get() + count;
        Await.until(() -> "traffic goes on; " + wrong, Duration.ofSeconds(60), () -> asked.get() >= goal);
    }

    /** What recipients were answered that were not accepted. */
    Map<String, AtomicLong> deferred() {
        return deferred;
    }

    void forgetDeferred() {
        deferred.clear();
    }

    /** Sessions that were dropped, and replies where nobody should refuse. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    void stop() {
        stopped.set(true);
        for (Thread session : sessions) {
            try {
                session.join(Duration.ofSeconds(60));
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
