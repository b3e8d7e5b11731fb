// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * What one listener is told to do; see {@link Listener.Config} for what each value means.
 *
 * @param name the name of the listener
 * @param address where it listens
 * @param profile what it is for
 * @param trusted networks whose clients may send anywhere
 * @param tls when TLS begins
 * @param proxyFrom networks of proxies; not empty: every connection must begin with a PROXY header
 * @param banner what the banner says behind the host name
 * @param strictLocalParts whether local parts that route are refused to strangers
 * @param auth who must or may authenticate, and what becomes of those who fail
 * @param limits how much of everything
 * @param timeouts how long
 */
record ListenerSettings(
        String name,
        InetSocketAddress address,
        Profile profile,
        Networks trusted,
        Tls tls,
        Networks proxyFrom,
        String banner,
        boolean strictLocalParts,
        Auth auth,
        Limits limits,
        Timeouts timeouts) {
    /** What a listener is for. */
    enum Profile {
        /** Takes mail from trusted systems and sends it on. */
        RELAY,
        /** Takes mail from the world for domains that hooks accept. */
        MX,
        /** Takes mail from authenticated users. */
        SUBMISSION;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** When TLS begins. */
    enum Tls {
        NONE,
        STARTTLS,
        IMPLICIT
    }

    /** Whether clients authenticate. */
    enum Policy {
        /** MAIL without authentication is refused, from trusted networks too. */
        REQUIRED,
        OPTIONAL,
        OFF;

        /** What {@code auto} means for a profile. */
        static Policy of(Profile profile) {
            return profile == Profile.SUBMISSION ? REQUIRED : OFF;
        }
    }

    /**
     * Authentication.
     *
     * @param policy whether clients authenticate
     * @param failures failed attempts from one network after which nobody there may try
     * @param window how long failures count, in milliseconds
     * @param delay least time until a failure is told, in milliseconds; so much more with each failure
     */
    record Auth(Policy policy, int failures, long window, long delay) {}

    /**
     * How much of everything; 0 for messageSize means without limit.
     *
     * @param messageSize octets of a message
     * @param recipients recipients of a transaction
     * @param connections connections at once
     * @param connectionsPerIp connections at once from one untrusted address
     * @param errors refused commands of an untrusted client until it is sent away
     * @param transactions transactions of a connection
     * @param hops Received lines until a message is taken for looping
     */
    record Limits(
            long messageSize,
            int recipients,
            int connections,
            int connectionsPerIp,
            int errors,
            int transactions,
            int hops) {}

    /**
     * How long, in milliseconds.
     *
     * @param command for the next command line
     * @param data for the next octets of a message
     * @param handshake for the TLS handshake and the PROXY header
     * @param drain for open transactions when the listener closes
     */
    record Timeouts(long command, long data, long handshake, long drain) {}

    /**
     * Reads {@code host:port} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException when it is none
     */
    static InetSocketAddress socket(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("Not host:port: " + text);
        }
        String host = text.substring(0, colon).replace("[", "").replace("]", "");
        int port = Integer.parseInt(text.substring(colon + 1));
        if (host.isEmpty() || host.equals("*")) {
            return new InetSocketAddress(port);
        }
        boolean literal =
                Character.digit(host.charAt(0), 16) >= 0 && !host.matches(".*[g-zG-Z-].*") || host.contains(":");
        InetAddress address = literal ? Networks.address(host) : null;
        return address == null ? new InetSocketAddress(host, port) : new InetSocketAddress(address, port);
    }
}
