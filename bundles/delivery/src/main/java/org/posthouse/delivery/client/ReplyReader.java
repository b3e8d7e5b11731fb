// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads replies (RFC 5321 4.2) from strangers: bounded in length, count and time, and printable afterwards. */
final class ReplyReader {
    private static final int LONGEST_LINE = 1000;
    private static final int MOST_LINES = 100;
    /** What is skipped of an overlong line before the other side is taken for a madman. */
    private static final int LONGEST_SKIP = 64 * 1024;

    private final Wire wire;
    private final byte[] line = new byte[LONGEST_LINE];
    private int length;

    ReplyReader(Wire wire) {
        this.wire = wire;
    }

    /**
     * The next reply.
     *
     * @throws NotSmtp when it is none
     * @throws IOException when it does not come
     */
    Response read(Duration within) throws IOException {
        wire.readWithin(within);
        readLine();
        int code = code();
        if (last()) {
            return new Response(code, List.of(text()));
        }
        List<String> lines = new ArrayList<>();
        lines.add(text());
        boolean more = true;
        for (int count = 1; more; count++) {
            readLine();
            if (code() != code || count > 10 * MOST_LINES) {
                throw new NotSmtp("reply that is none: " + shown());
            }
            if (count < MOST_LINES) {
                lines.add(text());
            }
            more = !last();
        }
        return new Response(code, lines);
    }

    private void readLine() throws IOException {
        length = 0;
        int skipped = 0;
        int c;
        while ((c = wire.read()) != '\n') {
            if (c < 0) {
                throw Wire.closed();
            }
            if (length < LONGEST_LINE) {
                line[length++] = (byte) c;
            } else if (++skipped > LONGEST_SKIP) {
                throw new NotSmtp("endless reply line");
            }
        }
        if (length > 0 && line[length - 1] == '\r') {
            length--;
        }
    }

    private int code() throws NotSmtp {
        if (length < 3 || !digit(0, '2', '5') || !digit(1, '0', '9') || !digit(2, '0', '9')) {
            throw new NotSmtp("reply that is none: " + shown());
        }
        if (length > 3 && line[3] != ' ' && line[3] != '-') {
            throw new NotSmtp("reply that is none: " + shown());
        }
        return (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
    }

    private boolean digit(int at, char low, char high) {
        return line[at] >= low && line[at] <= high;
    }

    private boolean last() {
        return length == 3 || line[3] == ' ';
    }

    private String text() {
        return length <= 4 ? "" : printable(4);
    }

    private String shown() {
        length = Math.min(length, 100);
        return printable(0);
    }

    private String printable(int from) {
        boolean plain = true;
        boolean ascii = true;
        for (int i = from; i < length; i++) {
            ascii &= line[i] >= 0;
            if (line[i] >= 0 && line[i] < ' ' || line[i] == 127) {
                line[i] = '?';
            }
            plain &= line[i] >= ' ';
        }
        return plain || ascii ? new String(line, from, length - from, StandardCharsets.US_ASCII) : decoded(from);
    }

    /** RFC 6531 3.7.4.1 allows UTF-8 in replies; what is none becomes question marks. */
    private String decoded(int from) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, from, length - from))
                    .toString();
            return text.codePoints().anyMatch(c -> Character.getType(c) == Character.CONTROL) ? ascii(from) : text;
        } catch (CharacterCodingException e) {
            return ascii(from);
        }
    }

    private String ascii(int from) {
        StringBuilder out = new StringBuilder(length - from);
        for (int i = from; i < length; i++) {
            out.append(line[i] < 0 ? '?' : (char) line[i]);
        }
        return out.toString();
    }
}
