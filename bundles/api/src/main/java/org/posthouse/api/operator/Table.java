// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.operator;

import java.util.List;

/**
 * What a command answers and a page shows: a sentence, a table, or both. Plain text; whoever shows it escapes it.
 *
 * @param note a sentence above the table, or empty
 * @param columns the names of the columns; none for a sentence alone
 * @param rows the rows, each with as many texts as there are columns
 */
public record Table(String note, List<String> columns, List<List<String>> rows) {
    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "a row of " + row.size() + " texts in " + columns.size() + " columns");
            }
        }
    }

    /** A sentence alone. */
    public static Table says(String note) {
        return new Table(note, List.of(), List.of());
    }

    /** A table alone. */
    public static Table of(List<String> columns, List<List<String>> rows) {
        return new Table("", columns, rows);
    }
}
