// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/**
 * Sessions at full load whose mail the judge judges: by its version it refuses the sender {@code odd} or {@code even}, and
 * every answer says which version gave it, so that a wrong one shows.
 */
final class Storm implements AutoCloseable {
    private static final String[] SENDERS = {"odd", "even", "someone"};
    private static final Pattern REFUSAL = Pattern.compile("550 5\\.7\\.1 refused by \\d+\\.\\d+\\.(\\d+).*");
    private static final byte[] MESSAGE =
            ("From: <a@src.test>\r\n\r\n" + "x".repeat(1000) + "\r\n.\r\n").getBytes(StandardCharsets.US_ASCII);

    final AtomicLong accepted = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong dropped = new AtomicLong();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Long> rcptNanos = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> sessions = new ArrayList<>();

    void begin(int port, int count) {
        for (int i = 0; i < count; i++) {
            int first = i;
            sessions.add(Thread.ofVirtual().start(() -> session(port, first)));
        }
    }

    private void session(int port, int first) {
        try (SmtpClient client = SmtpClient.greeted(port)) {
            for (int n = first; !stopped.get(); n++) {
                transaction(client, SENDERS[n % SENDERS.length]);
            }
            client.say("QUIT").expect("221");
        } catch (IOException e) {
            dropped.incrementAndGet();
            wrong.add(e.toString());
        } catch (AssertionError e) {
            wrong.add(e.getMessage());
        }
    }

    private void transaction(SmtpClient client, String sender) throws IOException {
        String mail = client.say("MAIL FROM:<" + sender + "@src.test>").reply();
        if (!mail.startsWith("250")) {
            Matcher refusal = REFUSAL.matcher(mail);
            if (!refusal.matches() || !refuses(refusal.group(1)).equals(sender)) {
                wrong.add(sender + ": " + mail);
            }
            refused.incrementAndGet();
            return;
        }
        long start = System.nanoTime();
        client.say("RCPT TO:<user@local.test>").expect("250");
        rcptNanos.add(System.nanoTime() - start);
        client.say("DATA").expect("354");
        client.send(MESSAGE).flush().expect("250");
        accepted.incrementAndGet();
    }

    private static String refuses(String micro) {
        return Integer.parseInt(micro) % 2 == 1 ? "odd" : "even";
    }

    /** Looks at what came through: one version at all stages, and not one that refuses its sender. */
    void check(SinkServer.Arrival arrival) {
        String[] stamps = arrival.header("X-Judged").split(" ");
        String micro = stamps[0].replaceAll("^\\d+\\.\\d+\\.(\\d+).*", "$1");
        if (stamps.length != 3
                || !stamps[0].equals(stamps[1])
                || !stamps[1].equals(stamps[2])
                || arrival.from().contains(refuses(micro) + "@")) {
            wrong.add(arrival.from() + " came through, judged by " + Arrays.toString(stamps));
        }
    }

    /** The time in which 99 of 100 RCPT were answered since the last call. */
    Duration p99() {
        List<Long> times = new ArrayList<>();
        for (Long next = rcptNanos.poll(); next != null; next = rcptNanos.poll()) {
            times.add(next);
        }
        times.sort(null);
        return Duration.ofNanos(times.isEmpty() ? 0 : times.get(times.size() * 99 / 100));
    }

    @Override
    public void close() {
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
}
