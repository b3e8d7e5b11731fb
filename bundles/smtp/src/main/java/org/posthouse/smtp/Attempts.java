// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.posthouse.api.service.SharedState;

/**
 * Counts failed authentications by client network and by user name: the more there were, the later a refusal is said, and
 * after so many from one network nobody there is asked for a password any more.
 *
 * <p>Only the count of the network refuses: by that of the user name anybody could lock out anybody. A success takes nothing
 * back, so that an attacker with one account of his own gains no tries for the others. Clients in trusted networks (a webmail
 * server speaks for many) are slowed by user name alone.
 */
final class Attempts {
    private static final long MOST_WAIT_MILLIS = 10_000;
    private static final long BUSY_MILLIS = 30_000;

    /**
     * So many attempts without an answer weigh as much as one that was refused: an outage must not shut out those who only
     * try again, and while one authenticator is away the others must not be open to guesses without end.
     */
    private static final int UNANSWERED = 10;

    private static final int IPV6_PREFIX_OCTETS = 8;

    private final SharedState.Counters counters;

    /** Attempts that are being judged now, by network: together with the failures they never exceed the limit. */
    private final Map<String, Integer> running = new HashMap<>();

    Attempts(SharedState.Counters counters) {
        this.counters = counters;
    }

    /** Whether an attempt may be judged. */
    enum Entry {
        ENTERED,
        /** Too many failed from there. */
        EXHAUSTED,
        /** So many are being judged that the limit could be exceeded, for too long. */
        BUSY
    }

    /** Whether too many attempts failed from there. */
    boolean exhausted(Dialogue dialogue) {
        return !dialogue.trusted() && left(dialogue) <= 0;
    }

    /** How many attempts may still fail there. */
    private long left(Dialogue dialogue) {
        String network = network(dialogue.peer().getAddress());
        return dialogue.settings().auth().failures()
                - counters.get(network)
                - counters.get(unanswered(network)) / UNANSWERED;
    }

    /** Counts an attempt in; waits while those that are being judged could use up what is left. */
    Entry enter(Dialogue dialogue) {
        if (dialogue.trusted()) {
            return Entry.ENTERED;
        }
        String network = network(dialogue.peer().getAddress());
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUSY_MILLIS);
        while (System.nanoTime() < deadline) {
            long left = left(dialogue);
            if (left <= 0) {
                return Entry.EXHAUSTED;
            }
            if (entered(network, left, deadline)) {
                // Another one may have failed and gone between the look and the entry: only now it can not any more.
                if (running(network) <= left(dialogue)) {
                    return Entry.ENTERED;
                }
                leave(dialogue);
            }
        }
        return Entry.BUSY;
    }

    private synchronized boolean entered(String network, long left, long deadline) {
        int now = running.getOrDefault(network, 0);
        if (now < left) {
            running.put(network, now + 1);
            return true;
        }
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline - System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
        return false;
    }

    private synchronized int running(String network) {
        return running.getOrDefault(network, 0);
    }

    /** Counts an attempt out. */
    synchronized void leave(Dialogue dialogue) {
        if (!dialogue.trusted()) {
            running.computeIfPresent(
                    network(dialogue.peer().getAddress()), (n, count) -> count == 1 ? null : count - 1);
            notifyAll();
        }
    }

    /** Counts a failure; how many milliseconds after the attempt it may be told at the earliest. */
    long failed(Dialogue dialogue, String user) {
        ListenerSettings.Auth settings = dialogue.settings().auth();
        Duration life = Duration.ofMillis(settings.window());
        long failures = user.isEmpty() ? 1 : counters.add(user(user), 1, life);
        if (!dialogue.trusted()) {
            failures = Math.max(failures, counters.add(network(dialogue.peer().getAddress()), 1, life));
        }
        return Math.min(settings.delay() * Math.max(1, failures), Math.max(MOST_WAIT_MILLIS, settings.delay()));
    }

    /** Counts an attempt that nobody could judge; how many milliseconds after it that may be told at the earliest. */
    long unanswered(Dialogue dialogue) {
        ListenerSettings.Auth settings = dialogue.settings().auth();
        if (!dialogue.trusted()) {
            String network = network(dialogue.peer().getAddress());
            counters.add(unanswered(network), 1, Duration.ofMillis(settings.window()));
        }
        return settings.delay();
    }

    private static String unanswered(String network) {
        return "unanswered:" + network;
    }

    /** One IPv4 address, or the /64 that an IPv6 client can pick its addresses from. */
    static String network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return "network:" + address.getHostAddress();
        }
        byte[] octets = address.getAddress();
        Arrays.fill(octets, IPV6_PREFIX_OCTETS, octets.length, (byte) 0);
        try {
            return "network:" + InetAddress.getByAddress(octets).getHostAddress() + "/64";
        } catch (UnknownHostException e) {
            throw new IllegalStateException("Sixteen octets are an address", e);
        }
    }

    /** A digest: people type passwords where names belong, and counters are kept on disk. */
    private static String user(String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] octets = digest.digest(name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            return "user:" + HexFormat.of().formatHex(octets, 0, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
