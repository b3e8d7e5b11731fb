// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads JSON texts (RFC 8259) of maps, lists, texts, numbers and booleans, for files that are ours: what is read
 * was written here, or is refused.
 */
public final class Json {
    private static final int DEEPEST = 20;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** A value as one line. */
    public static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder(256);
        append(out, value);
        return out.toString();
    }

    private static void append(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> map -> {
                char before = '{';
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    quote(out.append(before), String.valueOf(entry.getKey()));
                    append(out.append(':'), entry.getValue());
                    before = ',';
                }
                out.append(before == '{' ? "{}" : "}");
            }
            case Iterable<?> many -> {
                char before = '[';
                for (Object one : many) {
                    append(out.append(before), one);
                    before = ',';
                }
                out.append(before == '[' ? "[]" : "]");
            }
            case Boolean bool -> out.append(bool);
            case Double number -> out.append(Double.isFinite(number) ? number.toString() : "0.0");
            case Number number -> out.append(number.longValue());
            default -> quote(out, value.toString());
        }
    }

    /** Everything but plain ASCII is escaped: a line of the file is a line whatever is in it. */
    private static void quote(StringBuilder out, String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '\r') {
                out.append("\\r");
            } else if (c < ' ' || c > '~') {
                out.append("\\u");
                String hex = Integer.toHexString(c);
                out.append("0".repeat(4 - hex.length())).append(hex);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /**
     * Reads one object.
     *
     * @throws IllegalArgumentException when the text is none
     */
    public static Map<String, @Nullable Object> read(String text) {
        Json json = new Json(text);
        try {
            Object value = json.value(0);
            json.skip();
            if (json.at != text.length() || !(value instanceof Map<?, ?>)) {
                throw json.wrong("one object");
            }
            return object(value);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("JSON ends too early", e);
        }
    }

    private IllegalArgumentException wrong(String wanted) {
        return new IllegalArgumentException("JSON: " + wanted + " was expected at " + at);
    }

    private @Nullable Object value(int depth) {
        if (depth > DEEPEST) {
            throw wrong("less depth");
        }
        skip();
        return switch (text.charAt(at)) {
            case '{' -> map(depth);
            case '[' -> list(depth);
            case '"' -> string();
            default -> word();
        };
    }

    private void skip() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean next(char c) {
        skip();
        if (text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!next(c)) {
            throw wrong("'" + c + "'");
        }
    }

    private Map<String, @Nullable Object> map(int depth) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        at++;
        if (next('}')) {
            return map;
        }
        do {
            skip();
            if (text.charAt(at) != '"') {
                throw wrong("a name");
            }
            String name = string();
            expect(':');
            map.put(name, value(depth + 1));
        } while (next(','));
        expect('}');
        return map;
    }

    private List<@Nullable Object> list(int depth) {
        List<@Nullable Object> list = new ArrayList<>();
        at++;
        if (next(']')) {
            return list;
        }
        do {
            list.add(value(depth + 1));
        } while (next(','));
        expect(']');
        return list;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        at++;
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            out.append(c == '\\' ? escaped() : c);
        }
        at++;
        return out.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                at += 4;
                yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            case '"', '\\', '/' -> c;
            default -> throw wrong("an escape");
        };
    }

    private @Nullable Object word() {
        int start = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(start, at);
        return switch (word) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            case "null" -> null;
            default -> number(word);
        };
    }

    private static Number number(String word) {
        if (word.matches("-?[0-9]{1,18}")) {
            return Long.valueOf(word);
        }
        return Double.valueOf(word);
    }

    /** A map of what was read; empty when there is none. */
    public static Map<String, @Nullable Object> object(@Nullable Object value) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> known) {
            known.forEach((name, one) -> map.put(String.valueOf(name), one));
        }
        return map;
    }

    /** A map of texts; empty when there is none. */
    public static Map<String, String> texts(@Nullable Object value) {
        Map<String, String> map = new LinkedHashMap<>();
        object(value).forEach((name, one) -> map.put(name, text(one)));
        return map;
    }

    /** A list of what was read; empty when there is none. */
    public static List<@Nullable Object> list(@Nullable Object value) {
        List<@Nullable Object> list = new ArrayList<>();
        if (value instanceof List<?> known) {
            list.addAll(known);
        }
        return list;
    }

    /** A text; empty when there is none. */
    public static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    /** A number; 0 when there is none. */
    public static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }
}
