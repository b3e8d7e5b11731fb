// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.posthouse.outside.network.Network;

/**
 * What a client called itself, looked at without DNS.
 *
 * @param name the name in lower case when it is a fully qualified domain; empty for all else
 * @param findings what is wrong with it
 */
record HeloName(String name, List<Check> findings) {
    private static final int LABEL_LIMIT = 63;
    private static final int NAME_LIMIT = 255;

    private static final String TAG = "ipv6:";

    HeloName {
        findings = List.copyOf(findings);
    }

    /**
     * Looks at a name.
     *
     * @param helo what HELO or EHLO said
     * @param client the address of the client; null when it is not known
     * @param local the address that it connected to; null when it is not known
     * @param ours whether a name in lower case is one of this server
     */
    static HeloName of(String helo, @Nullable InetAddress client, @Nullable InetAddress local, Predicate<String> ours) {
        String text = helo.toLowerCase(Locale.ROOT);
        if (text.startsWith("[")) {
            return new HeloName("", literal(text, client, local));
        }
        Optional<InetAddress> bare = address(text);
        if (bare.isPresent()) {
            return new HeloName(
                    "",
                    bare.get().equals(local)
                            ? List.of(Check.HELO_BARE_ADDRESS, Check.HELO_OURS)
                            : List.of(Check.HELO_BARE_ADDRESS));
        }
        if (!domain(text)) {
            String bareName = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
            return new HeloName(
                    "", ours.test(bareName) ? List.of(Check.HELO_SYNTAX, Check.HELO_OURS) : List.of(Check.HELO_SYNTAX));
        }
        List<Check> findings = new ArrayList<>();
        boolean qualified = text.indexOf('.') >= 0;
        if (!qualified) {
            findings.add(Check.HELO_UNQUALIFIED);
        }
        if (ours.test(text)) {
            findings.add(Check.HELO_OURS);
        }
        return new HeloName(qualified ? text : "", findings);
    }

    private static List<Check> literal(String text, @Nullable InetAddress client, @Nullable InetAddress local) {
        boolean closed = text.endsWith("]");
        String inner = closed ? text.substring(1, text.length() - 1) : "";
        // RFC 5321 4.1.3: of the tags before a literal only IPv6 is registered.
        Optional<InetAddress> address = inner.startsWith(TAG)
                ? address(inner.substring(TAG.length())).filter(a -> inner.indexOf(':', TAG.length()) >= 0)
                : address(inner).filter(a -> inner.indexOf(':') < 0);
        if (address.isEmpty()) {
            return List.of(Check.HELO_SYNTAX);
        }
        if (address.get().equals(client) || client == null) {
            return List.of();
        }
        return List.of(address.get().equals(local) ? Check.HELO_OURS : Check.HELO_LITERAL);
    }

    private static Optional<InetAddress> address(String text) {
        // An address has a colon or begins with a digit; nearly all names have neither.
        if (text.indexOf(':') < 0 && (text.isEmpty() || !isDigit(text.charAt(0)))) {
            return Optional.empty();
        }
        try {
            return Optional.of(Network.literal(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean domain(String text) {
        int start = 0;
        for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', start)) {
            if (!label(text, start, dot)) {
                return false;
            }
            start = dot + 1;
        }
        return text.length() <= NAME_LIMIT && label(text, start, text.length()) && !digits(text, start);
    }

    /** RFC 5321 4.1.2 with RFC 1035 2.3.4: 1 to 63 letters, digits and inner hyphens. */
    private static boolean label(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            boolean inner = i > start && i < end - 1;
            if (!(c >= 'a' && c <= 'z' || isDigit(c) || c == '-' && inner)) {
                return false;
            }
        }
        return end > start && end - start <= LABEL_LIMIT;
    }

    /** RFC 3696 2: no domain ends in a label of digits alone, so this is an address gone wrong. */
    private static boolean digits(String text, int start) {
        for (int i = start; i < text.length(); i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
