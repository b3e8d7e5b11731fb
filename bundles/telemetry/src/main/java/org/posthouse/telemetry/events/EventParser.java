// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;

/** Reads the lines that {@link EventLine} writes: one flat object of texts, whole numbers and truth values (RFC 8259). */
final class EventParser {
    private final String line;
    private int at;

    private EventParser(String line) {
        this.line = line;
    }

    /**
     * A line that was read.
     *
     * @param sequence its number
     * @param event the event; null when its type is one of another version
     */
    record Line(long sequence, @Nullable Event event) {}

    /** The line, or null when it is none of ours, such as one that was cut off. */
    static @Nullable Line parse(String line) {
        try {
            Map<String, Object> facts = new EventParser(line).object();
            if (facts.remove("type") instanceof String type
                    && facts.remove("at") instanceof String when
                    && facts.remove("seq") instanceof Long sequence) {
                Event.Type known = EventLine.type(type);
                return new Line(sequence, known == null ? null : new Event(known, Instant.parse(when), facts));
            }
            return null;
        } catch (IllegalArgumentException | IndexOutOfBoundsException | DateTimeParseException e) {
            return null;
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> facts = new LinkedHashMap<>();
        expect('{');
        while (line.charAt(at) != '}') {
            if (!facts.isEmpty()) {
                expect(',');
            }
            String name = text();
            expect(':');
            facts.put(name, value());
        }
        at++;
        if (at != line.length()) {
            throw new IllegalArgumentException("Something is behind the object");
        }
        return facts;
    }

    private void expect(char wanted) {
        if (line.charAt(at++) != wanted) {
            throw new IllegalArgumentException("No " + wanted + " where one belongs");
        }
    }

    private Object value() {
        char first = line.charAt(at);
        if (first == '"') {
            return text();
        }
        if (line.startsWith("true", at)) {
            at += 4;
            return true;
        }
        if (line.startsWith("false", at)) {
            at += 5;
            return false;
        }
        int start = at;
        while (line.charAt(at) == '-' || Character.isDigit(line.charAt(at))) {
            at++;
        }
        return Long.parseLong(line, start, at, 10);
    }

    private String text() {
        expect('"');
        StringBuilder out = new StringBuilder();
        for (char c = line.charAt(at++); c != '"'; c = line.charAt(at++)) {
            out.append(c == '\\' ? escaped() : c);
        }
        return out.toString();
    }

    private char escaped() {
        char c = line.charAt(at++);
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                at += 4;
                yield (char) Integer.parseInt(line, at - 4, at, 16);
            }
            default -> c;
        };
    }
}
