// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.posthouse.api.Reply;

/**
 * What is said to the client, and what follows.
 *
 * @param code the basic code
 * @param enhanced the enhanced code that every line begins with, or empty (banner, EHLO, 354)
 * @param lines the texts, at least one
 * @param close whether the connection ends after it
 * @param next what the client sends next
 * @param delayMillis how long to wait before it is said
 */
record Answer(int code, String enhanced, List<String> lines, boolean close, Next next, long delayMillis) {
    /** RFC 5321 4.5.3.1.5: the most octets of a reply line, with code and CRLF. */
    private static final int LINE_LIMIT = 512;

    /** What the client sends next. */
    enum Next {
        COMMAND,
        DATA,
        CHUNK,
        TLS,
        AUTH
    }

    Answer {
        lines = List.copyOf(lines);
    }

    static Answer of(int code, String enhanced, String text) {
        return new Answer(code, enhanced, List.of(text), false, Next.COMMAND, 0);
    }

    /** No answer at all: the connection is closed, and the client has to find out by itself (RFC 5321 4.5.4.1). */
    static Answer silence() {
        return new Answer(0, "", List.of("No reply"), true, Next.COMMAND, 0);
    }

    static Answer of(Reply reply) {
        return of(reply.code(), reply.enhanced(), reply.text());
    }

    static Answer lines(int code, List<String> lines) {
        return new Answer(code, "", lines, false, Next.COMMAND, 0);
    }

    /** The same answer, after which the connection is closed. */
    Answer thenClose() {
        return new Answer(code, enhanced, lines, true, next, delayMillis);
    }

    /** The same answer, after which the client sends this. */
    Answer then(Next what) {
        return new Answer(code, enhanced, lines, close, what, delayMillis);
    }

    /** The same answer, said after so many milliseconds. */
    Answer after(long millis) {
        return new Answer(code, enhanced, lines, close, next, millis);
    }

    boolean positive() {
        return code / 100 == 2 || code / 100 == 3;
    }

    boolean permanent() {
        return code / 100 == 5;
    }

    /** The first line as a reply value, for events. */
    Reply reply() {
        return new Reply(code, enhanced, lines.getFirst());
    }

    /** The octets for the wire: CRLF ends every line, nothing but printable ASCII stands in it. */
    byte[] octets() {
        if (code == 0) {
            return new byte[0];
        }
        StringBuilder out = new StringBuilder(96);
        for (int i = 0; i < lines.size(); i++) {
            int start = out.length();
            out.append(code).append(i + 1 < lines.size() ? '-' : ' ');
            if (!enhanced.isEmpty()) {
                out.append(enhanced).append(' ');
            }
            appendPrintable(out, lines.get(i), LINE_LIMIT - 2 - (out.length() - start));
            out.append("\r\n");
        }
        return out.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void appendPrintable(StringBuilder out, String text, int room) {
        int length = Math.min(text.length(), room);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 127 ? c : '?');
        }
    }
}
