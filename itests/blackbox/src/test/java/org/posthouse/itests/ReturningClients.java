// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.posthouse.testkit.server.SmtpClient;

/** Clients that send letters all the time, and come back with one that was answered 421 or not taken at all. */
final class ReturningClients implements AutoCloseable {
    /** Letters of one connection. */
    private static final int SERIES = 5;

    private static final long PAUSE = 50_000_000;

    /** The letters that were acknowledged, each of which says its name in {@code X-Letter}. */
    final Set<String> accepted = ConcurrentHashMap.newKeySet();

    /** How often a client was told to come back. */
    final AtomicInteger temporary = new AtomicInteger();

    /** How often nobody listened. */
    final AtomicInteger refused = new AtomicInteger();

    /** What no such client can do anything about. */
    final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean sending = true;

    /** Two of them for each server; each tenth letter goes to {@code later.test}. */
    ReturningClients(ThreeServers servers) {
        for (String name : ThreeServers.NAMES) {
            int port = servers.get(name).smtp;
            threads.add(Thread.ofVirtual().start(() -> send(name + "x", port)));
            threads.add(Thread.ofVirtual().start(() -> send(name + "y", port)));
        }
    }

    /** They finish the letter that they are at. */
    void stop() throws InterruptedException {
        sending = false;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() {
        sending = false;
    }

    private void send(String name, int port) {
        int letter = 0;
        while (sending) {
            boolean greeted = false;
            try (SmtpClient client = new SmtpClient(port)) {
                String reply = client.reply();
                greeted = true;
                reply = reply.startsWith("220") ? client.say("EHLO client.test").reply() : reply;
                for (int i = 0; i < SERIES && reply.startsWith("250") && sending; i++) {
                    String id = name + letter;
                    reply = deliver(client, id, letter % 10 == 0 ? "later.test" : "dst.test");
                    if (reply.startsWith("250")) {
                        accepted.add(id);
                        letter++;
                    }
                }
                if (reply.startsWith("421")) {
                    temporary.incrementAndGet();
                    LockSupport.parkNanos(PAUSE);
                } else if (!reply.startsWith("250")) {
                    failures.add(name + letter + ": " + reply);
                }
            } catch (IOException e) {
                if (greeted) {
                    failures.add(name + letter + ": " + e);
                } else {
                    // Refused, or closed in the queue of a port that was about to go.
                    refused.incrementAndGet();
                    LockSupport.parkNanos(PAUSE);
                }
            }
        }
    }

    private static String deliver(SmtpClient client, String id, String domain) throws IOException {
        String reply = client.say("MAIL FROM:<a@src.test>").reply();
        reply = reply.startsWith("250")
                ? client.say("RCPT TO:<b@" + domain + ">").reply()
                : reply;
        reply = reply.startsWith("250") ? client.say("DATA").reply() : reply;
        return reply.startsWith("354")
                ? client.say("X-Letter: " + id + "\r\nSubject: letter " + id + "\r\n\r\nhello\r\n.")
                        .reply()
                : reply;
    }
}
