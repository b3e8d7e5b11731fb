// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Stamp;

/** A value at one moment: whoever changes it puts another cell in its place. */
final class Cell {
    /** No value. */
    static final Cell NONE = new Cell(null, 0, Stamp.BEFORE);

    /**
     * Where a cell is kept.
     *
     * @param table the table; its name begins with the namespace of its owner
     * @param key the key in the table
     */
    record Place(TableName table, String key) {
        Place {
            // Here, and not when it is written: then it would be too late to tell anybody.
            if (key.length() > Vault.KEY / 3 && octets(key) > Vault.KEY) {
                throw new IllegalArgumentException("A key holds at most " + Vault.KEY + " octets, not " + octets(key));
            }
        }
    }

    /**
     * A table.
     *
     * @param text the whole name
     * @param synced whether its changes are synced when they are written; else a loss of power may take some back
     * @param shared whether the nodes of a cluster share it
     */
    record TableName(String text, boolean synced, boolean shared) {
        TableName {
            if (octets(text) > 255) {
                throw new IllegalArgumentException("The name of a table is too long: " + text);
            }
        }
    }

    private static int octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private final @Nullable Object value;
    private final long expires;
    private final Stamp stamp;

    private Cell(@Nullable Object value, long expires, Stamp stamp) {
        this.value = value;
        this.expires = expires;
        this.stamp = stamp;
    }

    /** A cell with a value until this time, in milliseconds since 1970. */
    static Cell of(Object value, long expires) {
        return of(value, expires, Stamp.BEFORE);
    }

    /** A cell with a value that was set then and there. */
    static Cell of(Object value, long expires, Stamp stamp) {
        return new Cell(Objects.requireNonNull(value), expires, stamp);
    }

    /** The memory, until this time, that a value was removed then and there. */
    static Cell removed(long expires, Stamp stamp) {
        return new Cell(null, expires, stamp);
    }

    /** The value, whether it is expired or not; null when there is none. */
    @Nullable
    Object value() {
        return value;
    }

    /** The value, unless it is expired. */
    @Nullable
    Object value(long now) {
        return now < expires ? value : null;
    }

    long expires() {
        return expires;
    }

    /** When and where it was set. */
    Stamp stamp() {
        return stamp;
    }

    /** Whether there is something to keep now: a value, or the memory of a removal. */
    boolean lives(long now) {
        return now < expires && (value != null || !stamp.equals(Stamp.BEFORE));
    }

    /** Whether the other one says the same, as a cell does that left the heap and was read again. */
    boolean same(Cell other) {
        if (this == other || value == null || other.value == null) {
            return this == other || value == other.value;
        }
        return expires == other.expires
                && stamp.equals(other.stamp)
                && Arrays.equals(Values.encode(value), Values.encode(other.value));
    }

    /** About how many octets of heap it takes under this key. */
    static long weight(Place place, Cell cell) {
        return 184 + 2L * place.key().length() + Values.weight(cell.value);
    }
}
