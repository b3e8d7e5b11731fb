// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes the Received line that the server puts on top of every message (RFC 5321 4.4). */
final class Received {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private Received() {}

    /**
     * What one line says.
     *
     * @param helo what HELO said
     * @param peer the client
     * @param hostname this server
     * @param protocol see {@link #protocol}
     * @param tls protocol and cipher, or empty
     * @param id the message
     * @param forPath the only recipient, or empty: several would give away blind copies
     * @param when the time of arrival
     */
    record Facts(
            String helo,
            InetAddress peer,
            String hostname,
            String protocol,
            String tls,
            String id,
            String forPath,
            Instant when) {}

    /** The line with its CRLF. */
    static String line(Facts facts) {
        StringBuilder out = new StringBuilder(200);
        out.append("Received: from ").append(clean(facts.helo())).append(" (").append(literal(facts.peer()));
        out.append(")\r\n\tby ")
                .append(facts.hostname())
                .append(" (Posthouse) with ")
                .append(facts.protocol());
        out.append(" id ").append(facts.id());
        if (!facts.tls().isEmpty()) {
            out.append("\r\n\t(").append(facts.tls()).append(')');
        }
        if (!facts.forPath().isEmpty()) {
            out.append("\r\n\tfor <").append(facts.forPath()).append('>');
        }
        return out.append(";\r\n\t")
                .append(DATE.format(facts.when()))
                .append("\r\n")
                .toString();
    }

    /** The word behind {@code with} (RFC 3848, RFC 6531 4.3). */
    static String protocol(boolean extended, boolean utf8, boolean tls, boolean authenticated) {
        if (!extended) {
            return "SMTP";
        }
        return (utf8 ? "UTF8SMTP" : "ESMTP") + (tls ? "S" : "") + (authenticated ? "A" : "");
    }

    /** RFC 5321 4.1.3: an address literal. */
    static String literal(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        String plain = zone < 0 ? text : text.substring(0, zone);
        return address instanceof Inet6Address ? "[IPv6:" + plain + "]" : "[" + plain + "]";
    }

    /** What the client called itself, without anything that could break the line or its comments. */
    static String clean(String helo) {
        StringBuilder out = new StringBuilder(helo.length());
        helo.chars()
                .limit(255)
                .forEach(c -> out.append(
                        c < 127 && (Character.isLetterOrDigit(c) || ".-_:[]".indexOf(c) >= 0) ? (char) c : '_'));
        return out.isEmpty() ? "unknown" : out.toString();
    }
}
