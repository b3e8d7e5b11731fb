// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state.spi;

import org.jspecify.annotations.Nullable;

/** Where a node keeps what it knows of one limit. What can not be read is an {@link java.io.UncheckedIOException}. */
public interface Kept {
    /** What is known; null of a limit that is full, as far as is known. */
    @Nullable
    Fill read();

    /**
     * Keeps it.
     *
     * @param life for so many nanoseconds at least
     */
    void write(Fill fill, long life);

    /**
     * How full this node's part of a limit is.
     *
     * @param full when it is full again, in nanoseconds of {@link LocalState#now}
     * @param asOf when this was written
     * @param lent how many units of it were lent to others then
     * @param era in which run of the process; 0 when nobody said
     */
    record Fill(long full, long asOf, long lent, long era) {}
}
