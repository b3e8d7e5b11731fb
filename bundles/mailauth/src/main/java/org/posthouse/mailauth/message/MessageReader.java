// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Header;

/**
 * Reads a message once from front to back: its fields, which fit into memory since the server holds them too, then its body,
 * which is handed on as it comes.
 */
public final class MessageReader implements Closeable {
    private final InputStream in;
    private final byte[] buffer = new byte[16 * 1024];
    private int start;
    private int end;
    private @Nullable List<Header> fields;

    /** Reads this stream, and closes it. */
    public MessageReader(InputStream in) {
        this.in = in;
    }

    /** The header fields from top to bottom, octet for octet. */
    public List<Header> fields() throws IOException {
        List<Header> known = fields;
        if (known == null) {
            known = split(block());
            fields = known;
        }
        return known;
    }

    /** Hands the body on, once: what stands behind the first empty line. */
    public void body(Octets sink) throws IOException {
        fields();
        do {
            if (end > start) {
                sink.take(buffer, start, end - start);
            }
            start = end;
        } while (filled());
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The header block without the empty line behind it. */
    private String block() throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        int column = 0; // Octets since the last line end.
        boolean afterCr = false;
        boolean over = false;
        while (!over && (start < end || filled())) {
            int from = start;
            while (!over && start < end) {
                byte b = buffer[start++];
                column++;
                if (afterCr && b == '\n') {
                    over = column == 2;
                    column = 0;
                }
                afterCr = b == '\r';
            }
            block.write(buffer, from, start - from);
        }
        String text = block.toString(StandardCharsets.ISO_8859_1);
        return over ? text.substring(0, text.length() - 2) : text;
    }

    private boolean filled() throws IOException {
        start = 0;
        end = Math.max(0, in.read(buffer));
        return end > 0;
    }

    /** Splits a header block into fields; a line that is none stays what it is, under an empty name. */
    private static List<Header> split(String block) {
        List<Header> found = new ArrayList<>();
        int from = 0;
        while (from < block.length()) {
            int to = from;
            do {
                int lineEnd = block.indexOf("\r\n", to);
                to = lineEnd < 0 ? block.length() : lineEnd + 2;
            } while (to < block.length() && (block.charAt(to) == ' ' || block.charAt(to) == '\t'));
            String raw = block.substring(from, to);
            int colon = raw.indexOf(':');
            found.add(new Header(colon < 0 ? "" : raw.substring(0, colon).stripTrailing(), raw));
            from = to;
        }
        return List.copyOf(found);
    }
}
