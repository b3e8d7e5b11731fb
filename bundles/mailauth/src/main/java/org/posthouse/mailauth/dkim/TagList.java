// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A list of tags and values (RFC 6376 3.2), as signatures and key records have it. */
public final class TagList {
    private static final int LIMIT = 100;

    private final Map<String, String> values;

    private TagList(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads a list.
     *
     * @throws MalformedTagsException when it is none, or a tag stands twice in it
     */
    public static TagList parse(String text) throws MalformedTagsException {
        Map<String, String> values = new LinkedHashMap<>();
        int start = 0;
        while (start < text.length()) {
            int end = end(text, start);
            String spec = trimmed(text.substring(start, end));
            start = end + 1;
            if (spec.isEmpty() && end == text.length() && !values.isEmpty()) {
                break; // One semicolon may stand behind the last tag.
            }
            add(values, spec);
        }
        if (values.isEmpty()) {
            throw new MalformedTagsException("there are no tags");
        }
        return new TagList(values);
    }

    private static void add(Map<String, String> values, String spec) throws MalformedTagsException {
        int equals = spec.indexOf('=');
        String name = equals < 0 ? "" : trimmed(spec.substring(0, equals));
        if (!isName(name)) {
            throw new MalformedTagsException("what should be a tag is none");
        }
        String value = trimmed(spec.substring(equals + 1));
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && !isSpace(c) || c == 127) {
                throw new MalformedTagsException("a tag has a control character");
            }
        }
        if (values.put(name, value) != null) {
            throw new MalformedTagsException("a tag stands twice");
        }
        if (values.size() > LIMIT) {
            throw new MalformedTagsException("too many tags");
        }
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLetter(c) && (i == 0 || !(c >= '0' && c <= '9' || c == '_'))) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static int end(String text, int start) {
        int semicolon = text.indexOf(';', start);
        return semicolon < 0 ? text.length() : semicolon;
    }

    private static String trimmed(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /** The value of a tag without the space around it. */
    public Optional<String> value(String tag) {
        return Optional.ofNullable(values.get(tag));
    }

    /** The value of a tag without any space, as base64 and names are read. */
    public Optional<String> compact(String tag) {
        return value(tag).map(TagList::compacted);
    }

    private static String compacted(String value) {
        StringBuilder out = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            if (!isSpace(value.charAt(i))) {
                out.append(value.charAt(i));
            }
        }
        return out.length() == value.length() ? value : out.toString();
    }

    /** The value of a tag as characters; empty when its octets are not UTF-8, as U-labels are written (RFC 8616 5). */
    public Optional<String> text(String tag) {
        return value(tag).flatMap(TagList::decoded);
    }

    /** Fields are read as one character for each octet. */
    private static Optional<String> decoded(String octets) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** The tags in order. */
    public List<String> tags() {
        return List.copyOf(values.keySet());
    }

    /**
     * A field whose value is a list, with the value of one tag taken out, space around it included (RFC 6376 3.5: how a
     * signature is computed over the field that holds it).
     */
    public static String emptied(String field, String tag) {
        int start = field.indexOf(':') + 1;
        while (start < field.length()) {
            int end = end(field, start);
            int equals = field.indexOf('=', start);
            if (equals >= 0
                    && equals < end
                    && trimmed(field.substring(start, equals)).equals(tag)) {
                return field.substring(0, equals + 1) + field.substring(end);
            }
            start = end + 1;
        }
        return field;
    }
}
