// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.Locale;

/**
 * The kinds of records, each in a column family of its own.
 *
 * <p>Every key begins with the mark of its kind, so that a record salvaged from a file whose directory is lost still says
 * what it is.
 */
enum Table {
    ENVELOPE('e'),
    PROGRESS('p'),
    BODY('b'),
    DUE('d'),
    SHARE('s'),
    META('m'),
    VAULT('v'),
    CUSTODY('c');

    private final byte mark;

    Table(char mark) {
        this.mark = (byte) mark;
    }

    byte mark() {
        return mark;
    }

    /** The name of the column family. */
    String family() {
        return name().toLowerCase(Locale.ROOT);
    }
}
