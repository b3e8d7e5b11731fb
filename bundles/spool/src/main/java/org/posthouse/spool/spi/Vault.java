// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Octets by table and key, each with a time at which it expires: what plugins keep, beside the mail and through the same
 * committer. All methods block the calling thread (a virtual one may call them) and may be called by many threads at once.
 *
 * <p>Names of tables hold 1 to 255 octets of UTF-8, keys up to {@value #KEY}, values up to {@value #VALUE}.
 */
public interface Vault {
    /** The longest key in octets of UTF-8. */
    int KEY = 1024;

    /** The largest value in octets. */
    int VALUE = 1 << 20;

    /**
     * What is kept under this key, unless it is expired. What is damaged counts as absent: it is set aside.
     *
     * @throws SpoolException when it can not be told
     */
    Optional<Item> get(String table, String key) throws SpoolException;

    /**
     * Items of a table that are not expired, in the order of the octets of their keys.
     *
     * @param after the key to begin behind, or empty for the first
     * @param most at most so many
     */
    List<Item> scan(String table, String after, int most) throws SpoolException;

    /**
     * Items of all tables that are not expired; table after table, each in the order of its keys.
     *
     * @param from the mark at which to go on, or no octets to begin
     * @param most so many records are looked at
     */
    Page walk(byte[] from, int most) throws SpoolException;

    /**
     * Writes all of this, or nothing. When it returns, it survives the end of the process, and when it is synced the loss
     * of power too.
     *
     * @throws SpoolException when it is not known to be written; writing it again does no harm
     */
    void write(List<Entry> entries, boolean synced) throws SpoolException;

    /** How many items the last walk of the sweep met alive in the tables whose names begin so. */
    Count counted(String prefix);

    /**
     * What a walk of the sweep met.
     *
     * @param items live items
     * @param walk the number of the walk since the spool was opened; 0 before the first one ended
     */
    record Count(long items, long walk) {}

    /**
     * A part of a walk.
     *
     * @param items what was found
     * @param next the mark at which it goes on, or no octets at the end
     */
    record Page(List<Item> items, byte[] next) {}

    /** A change of one item. */
    sealed interface Entry {
        /** The table. */
        String table();

        /** The key. */
        String key();
    }

    /** An item as it is kept, or to be kept in place of what was there. */
    record Item(String table, String key, byte[] value, Instant expires) implements Entry {}

    /** An item that is to be forgotten. */
    record Removal(String table, String key) implements Entry {}
}
