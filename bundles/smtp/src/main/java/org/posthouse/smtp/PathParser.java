// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.nio.charset.StandardCharsets;
import org.posthouse.api.Address;

/** Reads a path in angle brackets (RFC 5321 4.1.2, RFC 6531 3.3). A source route is read and dropped (RFC 5321 C). */
final class PathParser {
    /** RFC 5321 4.5.3.1.1 says 64 and asks not to insist: VERP, SRS and BATV nest. */
    private static final int LOCAL_LIMIT = 256;

    private static final int DOMAIN_LIMIT = 255;
    private static final int LABEL_LIMIT = 63;
    private static final String ATEXT_MARKS = "!#$%&'*+-/=?^_`{|}~";

    private final String text;
    private final String enhanced;
    private int at;

    /**
     * A parser of the argument behind {@code FROM:} or {@code TO:}.
     *
     * @param enhanced the enhanced code for bad syntax: 5.1.7 for senders, 5.1.3 for recipients
     */
    PathParser(String text, String enhanced) {
        this.text = text;
        this.enhanced = enhanced;
    }

    /** Reads {@code <mailbox>} or {@code <>}. */
    Address reverse() throws SyntaxFault {
        if (text.startsWith("<>")) {
            at = 2;
            return Address.NULL;
        }
        return bracketed(false);
    }

    /** Reads {@code <mailbox>} or {@code <Postmaster>} (RFC 5321 4.5.1). */
    Address forward() throws SyntaxFault {
        return bracketed(true);
    }

    /** What stands behind the path: nothing, or parameters after a space. */
    String rest() throws SyntaxFault {
        if (at < text.length() && text.charAt(at) != ' ') {
            throw fault("Unexpected text behind the address");
        }
        return text.substring(at).strip();
    }

    private Address bracketed(boolean postmaster) throws SyntaxFault {
        expect('<', "Address must stand in angle brackets");
        if (peek() == '@') {
            route();
        }
        int start = at;
        local();
        String local = text.substring(start, at);
        if (local.getBytes(StandardCharsets.UTF_8).length > LOCAL_LIMIT) {
            throw fault("Local part too long");
        }
        if (postmaster && peek() == '>' && local.equalsIgnoreCase("postmaster")) {
            at++;
            return new Address(local, "");
        }
        expect('@', "Address needs a domain");
        start = at;
        host();
        String domain = text.substring(start, at);
        expect('>', "Address syntax");
        return new Address(local, domain);
    }

    private void route() throws SyntaxFault {
        while (true) {
            expect('@', "Source route syntax");
            domain();
            if (peek() != ',') {
                expect(':', "Source route syntax");
                return;
            }
            at++;
        }
    }

    private void local() throws SyntaxFault {
        if (peek() == '"') {
            quoted();
            return;
        }
        while (true) {
            int start = at;
            while (isAtext(peek())) {
                at++;
            }
            if (at == start) {
                throw fault("Local part syntax");
            }
            if (peek() != '.') {
                return;
            }
            at++;
        }
    }

    private void quoted() throws SyntaxFault {
        at++;
        while (peek() != '"') {
            if (peek() == '\\') {
                at++;
            }
            char c = peek();
            if (c < ' ' || (c >= 127 && c < 160)) {
                throw fault("Quoted string syntax");
            }
            at++;
        }
        at++;
    }

    private void host() throws SyntaxFault {
        if (peek() == '[') {
            literal();
        } else {
            domain();
        }
    }

    private void literal() throws SyntaxFault {
        int close = text.indexOf(']', at);
        if (close < 0) {
            throw fault("Address literal syntax");
        }
        String inside = text.substring(at + 1, close);
        if (!isLiteral(inside)) {
            throw fault("Address literal syntax");
        }
        at = close + 1;
    }

    /** Whether this is {@code 192.0.2.1} or {@code IPv6:2001:db8::1} (RFC 5321 4.1.3). */
    static boolean isLiteral(String inside) {
        boolean six = inside.regionMatches(true, 0, "IPv6:", 0, 5);
        String address = six ? inside.substring(5) : inside;
        if (six != address.contains(":")) {
            return false;
        }
        try {
            return !Networks.address(address).getHostAddress().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void domain() throws SyntaxFault {
        int start = at;
        while (true) {
            label();
            if (peek() != '.') {
                break;
            }
            at++;
        }
        if (text.substring(start, at).getBytes(StandardCharsets.UTF_8).length > DOMAIN_LIMIT) {
            throw fault("Domain too long");
        }
    }

    private void label() throws SyntaxFault {
        int start = at;
        while (isLabelChar(peek())) {
            at++;
        }
        if (at == start || at - start > LABEL_LIMIT || text.charAt(start) == '-' || text.charAt(at - 1) == '-') {
            throw fault("Domain syntax");
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private void expect(char c, String otherwise) throws SyntaxFault {
        if (peek() != c) {
            throw fault(otherwise);
        }
        at++;
    }

    private SyntaxFault fault(String what) {
        return new SyntaxFault(501, enhanced, what);
    }

    private static boolean isAtext(char c) {
        return isAlphanumeric(c) || ATEXT_MARKS.indexOf(c) >= 0 || c >= 160;
    }

    /** Underscores are no host name characters, but senders exist that use them. */
    private static boolean isLabelChar(char c) {
        return isAlphanumeric(c) || c == '-' || c == '_' || c >= 160;
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
