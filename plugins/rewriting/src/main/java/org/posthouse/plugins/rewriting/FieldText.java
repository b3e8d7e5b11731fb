// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.posthouse.api.Address;
import org.posthouse.api.Header;

/** The value of an address field with its folding, in which addresses alone are replaced. */
final class FieldText {
    /** RFC 5322 2.1.1: a line has at most 998 octets. */
    private static final int LONGEST_LINE = 998;

    /** What no field that the server writes may hold, though one that came in may (RFC 5322 2.2). */
    private static final Pattern UNWRITABLE = Pattern.compile("\\x00|\r(?!\n[ \t])|(?<!\r)\n");

    private FieldText() {}

    /** The value with its addresses replaced; empty when none changes, or when its octets could not be kept. */
    static Optional<String> rewritten(Header field, UnaryOperator<Address> change) {
        Optional<String> value = value(field);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String text = value.get();
        StringBuilder out = new StringBuilder(text.length() + 32);
        int copied = 0;
        boolean changed = false;
        for (Spans.Span span : Spans.of(text)) {
            Address to = change.apply(span.address());
            if (!to.equals(span.address())) {
                changed = true;
                out.append(text, copied, span.start());
                append(out, to.toString(), field.name().length() + 2);
                copied = span.end();
            }
        }
        return changed ? Optional.of(out.append(text.substring(copied)).toString()) : Optional.empty();
    }

    /** Behind the colon and the blank that the server puts there, without the last line end. */
    private static Optional<String> value(Header field) {
        byte[] octets = field.raw().getBytes(StandardCharsets.ISO_8859_1);
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
        String value = text.substring(text.indexOf(':') + 1);
        value = value.endsWith("\r\n") ? value.substring(0, value.length() - 2) : value;
        if (UNWRITABLE.matcher(value).find()) {
            return Optional.empty();
        }
        return Optional.of(value.startsWith(" ") ? value.substring(1) : value);
    }

    /** Folds in front of an address that would make its line too long. */
    private static void append(StringBuilder out, String address, int nameLength) {
        int lineStart = out.lastIndexOf("\n") + 1;
        int column = out.length() - lineStart + (lineStart == 0 ? nameLength : 0);
        if (column + address.getBytes(StandardCharsets.UTF_8).length >= LONGEST_LINE) {
            out.append("\r\n ");
        }
        out.append(address);
    }
}
