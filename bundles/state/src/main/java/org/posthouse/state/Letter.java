// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.posthouse.api.Address;
import org.posthouse.api.Header;
import org.posthouse.pipeline.spi.HeaderBlock;

/** What a plugin wants to send, checked before it is committed: it is never judged by those who check what comes in. */
final class Letter {
    /** RFC 5322 2.1.1, without CRLF. */
    private static final int LINE = 998;

    /** RFC 5322 3.6: must be there. */
    private static final Set<String> REQUIRED = Set.of("from", "date");

    /** RFC 5322 3.6: at most once. */
    private static final Set<String> ONCE = Set.of(
            "from",
            "date",
            "sender",
            "reply-to",
            "to",
            "cc",
            "bcc",
            "message-id",
            "in-reply-to",
            "references",
            "subject");

    private Letter() {}

    /**
     * Refuses what can not travel.
     *
     * @throws IllegalArgumentException with what is wrong in one sentence
     */
    static void check(Address sender, List<Address> recipients, byte[] message) {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("A message needs a recipient");
        }
        if (!sender.isNull()) {
            mailbox(sender);
        }
        recipients.forEach(Letter::mailbox);
        int head = lines(message);
        header(HeaderBlock.parse(new String(message, 0, head, StandardCharsets.ISO_8859_1)));
    }

    // RFC 5321 4.1.2: without control characters, which would end the command that carries the address.
    private static void mailbox(Address address) {
        String text = address.toString();
        boolean bad = address.local().isEmpty()
                || address.domain().isEmpty()
                || text.length() > 320
                || text.chars().anyMatch(c -> c < 32 || c == 127 || c == '<' || c == '>')
                || address.domain().chars().anyMatch(c -> c == ' ');
        if (bad) {
            throw new IllegalArgumentException("Not a mailbox: " + text.replaceAll("\\p{Cntrl}", "?"));
        }
    }

    /** Checks the lines; gives back where the header block ends, behind the CRLF of its last line. */
    private static int lines(byte[] message) {
        int start = 0;
        int head = -1;
        for (int i = 0; i < message.length; i++) {
            byte octet = message[i];
            boolean end = octet == '\r' && i + 1 < message.length && message[i + 1] == '\n';
            // RFC 5321 2.3.8: CR and LF occur together only; 4.5.2 has no room for NUL in what has no BINARYMIME.
            if (octet == 0 || octet == '\n' || (octet == '\r' && !end)) {
                throw new IllegalArgumentException("Octet " + i + " is a NUL, or a CR or LF alone");
            }
            if (end) {
                head = head < 0 && i == start ? start : head;
                i++;
                start = i + 1;
            } else if (i - start >= LINE) {
                throw new IllegalArgumentException("The line at octet " + start + " is longer than " + LINE);
            }
        }
        if (start != message.length) {
            throw new IllegalArgumentException("The last line has no CRLF");
        }
        return head < 0 ? message.length : head;
    }

    private static void header(HeaderBlock head) {
        Map<String, Integer> seen = new HashMap<>();
        for (Header field : head.all()) {
            // RFC 5322 3.6.8: visible characters but the colon.
            boolean named = !field.name().isEmpty() && field.name().chars().allMatch(c -> c > 32 && c < 127);
            if (!named) {
                throw new IllegalArgumentException("Not a header field: "
                        + field.raw().lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?"));
            }
            seen.merge(field.name().toLowerCase(Locale.ROOT), 1, Integer::sum);
        }
        for (String name : REQUIRED) {
            if (!seen.containsKey(name)) {
                throw new IllegalArgumentException("The header has no " + name + " field");
            }
        }
        for (String name : ONCE) {
            if (seen.getOrDefault(name, 0) > 1) {
                throw new IllegalArgumentException("The header has more than one " + name + " field");
            }
        }
    }

    /** Whether the header can only travel with SMTPUTF8 (RFC 6532). */
    static boolean international(byte[] message, int headLength) {
        for (int i = 0; i < headLength; i++) {
            if (message[i] < 0) {
                return true;
            }
        }
        return false;
    }
}
