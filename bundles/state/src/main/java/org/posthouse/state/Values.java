// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Stamp;

/** The values that are shared: those of message notes, since they travel on disk and to other nodes. */
final class Values {
    private static final Set<Class<?>> TYPES =
            Set.of(String.class, Long.class, Double.class, Boolean.class, byte[].class, List.class);
    private static final int TEXT = 1;
    private static final int LONG = 2;
    private static final int DOUBLE = 3;
    private static final int TRUE = 4;
    private static final int FALSE = 5;
    private static final int OCTETS = 6;
    private static final int LIST = 7;
    private static final int STAMPED = 8;
    private static final int REMOVED = 9;

    private Values() {}

    /** Refuses a type whose values can not be kept. */
    static <V> Class<V> checked(Class<V> type) {
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException(
                    "State holds String, Long, Double, Boolean, byte[] and lists of them, not " + type.getName());
        }
        return type;
    }

    /** A value to be kept: a copy that nobody can change, and not too large. */
    static Object kept(Object value) {
        Object copy = copy(value);
        if (weight(copy) > Vault.VALUE / 4 && encode(copy).length > Vault.VALUE) {
            throw new IllegalArgumentException("A value holds at most " + Vault.VALUE + " octets");
        }
        return copy;
    }

    /** A copy of the value that nobody can change: of a list of a plugin's own class nothing but the elements is kept. */
    private static Object copy(Object value) {
        return value instanceof List<?> list ? list.stream().map(Values::scalar).toList() : scalar(value);
    }

    private static Object scalar(Object value) {
        return switch (value) {
            case String text -> text;
            case Long number -> number;
            case Double number -> number;
            case Boolean truth -> truth;
            case byte[] octets -> octets.clone();
            default ->
                throw new IllegalArgumentException(
                        "State can not hold a " + value.getClass().getName());
        };
    }

    /** The value as it is handed out; null when it is of another type, such as one that an older version wrote. */
    static <V> @Nullable V given(Class<V> type, @Nullable Object value) {
        return type.isInstance(value) ? type.cast(copy(value)) : null;
    }

    /** About how many octets of heap it takes. */
    static long weight(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> 40 + 2L * text.length();
            case byte[] octets -> 16 + octets.length;
            case List<?> list -> {
                long sum = 24;
                for (Object item : list) {
                    sum += 8 + weight(item);
                }
                yield sum;
            }
            default -> 16;
        };
    }

    /** What is kept of a cell: the value, behind its stamp when it has one. */
    static byte[] encode(Cell cell) {
        Object value = cell.value();
        if (cell.stamp().equals(Stamp.BEFORE) && value != null) {
            return encode(value);
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream(64);
        try {
            DataOutputStream out = new DataOutputStream(octets);
            out.writeByte(value == null ? REMOVED : STAMPED);
            out.writeLong(cell.stamp().time());
            out.writeUTF(cell.stamp().node());
            if (value != null) {
                write(out, value);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    /**
     * Reads a cell.
     *
     * @throws IOException when this is none
     */
    static Cell cell(Vault.Item item) throws IOException {
        long expires = item.expires().toEpochMilli();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(item.value()));
        int kind = item.value().length == 0 ? 0 : item.value()[0];
        if (kind != STAMPED && kind != REMOVED) {
            return Cell.of(read(in, true), expires);
        }
        in.readByte();
        Stamp stamp = new Stamp(in.readLong(), in.readUTF());
        return kind == REMOVED ? Cell.removed(expires, stamp) : Cell.of(read(in, true), expires, stamp);
    }

    static byte[] encode(Object value) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(32);
        try {
            write(new DataOutputStream(octets), value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    private static void write(DataOutputStream out, Object value) throws IOException {
        switch (value) {
            case String text -> octets(out, TEXT, text.getBytes(StandardCharsets.UTF_8));
            case Long number -> {
                out.writeByte(LONG);
                out.writeLong(number);
            }
            case Double number -> {
                out.writeByte(DOUBLE);
                out.writeDouble(number);
            }
            case Boolean truth -> out.writeByte(truth ? TRUE : FALSE);
            case byte[] octets -> octets(out, OCTETS, octets);
            case List<?> list -> {
                out.writeByte(LIST);
                out.writeInt(list.size());
                for (Object item : list) {
                    write(out, item);
                }
            }
            default ->
                throw new IllegalArgumentException(
                        "State can not hold a " + value.getClass().getName());
        }
    }

    private static void octets(DataOutputStream out, int kind, byte[] octets) throws IOException {
        out.writeByte(kind);
        out.writeInt(octets.length);
        out.write(octets);
    }

    /**
     * Reads a value.
     *
     * @throws IOException when this is none
     */
    static Object decode(byte[] record) throws IOException {
        return read(new DataInputStream(new ByteArrayInputStream(record)), true);
    }

    private static Object read(DataInputStream in, boolean lists) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case TEXT -> new String(octets(in), StandardCharsets.UTF_8);
            case LONG -> in.readLong();
            case DOUBLE -> in.readDouble();
            case TRUE -> true;
            case FALSE -> false;
            case OCTETS -> octets(in);
            case LIST -> list(in, lists);
            default -> throw new IOException("Unknown kind of value " + kind);
        };
    }

    private static byte[] octets(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("A length exceeds the record");
        }
        return in.readNBytes(length);
    }

    private static List<Object> list(DataInputStream in, boolean allowed) throws IOException {
        int count = in.readInt();
        if (!allowed || count < 0 || count > in.available()) {
            throw new IOException("No list of values");
        }
        List<Object> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(read(in, false));
        }
        return List.copyOf(list);
    }
}
