// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How notes of message scope are written: texts, numbers, truth values, octets and lists of them. */
final class NotesCodec {
    private static final int TEXT = 1;
    private static final int LONG = 2;
    private static final int DOUBLE = 3;
    private static final int BOOLEAN = 4;
    private static final int OCTETS = 5;
    private static final int LIST = 6;
    private static final int INTEGER = 7;

    private NotesCodec() {}

    static void write(Wire out, Map<String, Object> notes) {
        out.number(notes.size());
        notes.forEach((name, value) -> value(out.text(name), value));
    }

    private static void value(Wire out, Object value) {
        switch (value) {
            case String text -> out.octet(TEXT).text(text);
            case Long number -> out.octet(LONG).signed(number);
            case Integer number -> out.octet(INTEGER).signed(number);
            case Double number -> out.octet(DOUBLE).number(Double.doubleToRawLongBits(number));
            case Boolean truth -> out.octet(BOOLEAN).flag(truth);
            case byte[] octets -> out.octet(OCTETS).bytes(octets);
            case List<?> list -> {
                out.octet(LIST).number(list.size());
                list.forEach(item -> value(out, item));
            }
            default ->
                throw new IllegalArgumentException("A note of message scope can not hold a "
                        + value.getClass().getName());
        }
    }

    static Map<String, Object> read(ByteBuffer in) {
        int count = Wire.count(in);
        Map<String, Object> notes = new HashMap<>();
        for (int i = 0; i < count; i++) {
            notes.put(Wire.text(in), value(in));
        }
        return notes;
    }

    private static Object value(ByteBuffer in) {
        int kind = in.get();
        return switch (kind) {
            case TEXT -> Wire.text(in);
            case LONG -> Wire.signed(in);
            case INTEGER -> (int) Wire.signed(in);
            case DOUBLE -> Double.longBitsToDouble(Wire.number(in));
            case BOOLEAN -> Wire.flag(in);
            case OCTETS -> Wire.bytes(in);
            case LIST -> list(in);
            default -> throw new IllegalArgumentException("Unknown kind of note " + kind);
        };
    }

    private static List<Object> list(ByteBuffer in) {
        int count = Wire.count(in);
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(value(in));
        }
        return List.copyOf(list);
    }
}
