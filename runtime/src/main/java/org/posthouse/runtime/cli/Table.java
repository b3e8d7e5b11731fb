// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows in aligned columns; numbers stand to the right. */
final class Table {
    private final List<String> titles;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... titles) {
        this.titles = List.of(titles);
    }

    void row(String... cells) {
        rows.add(Arrays.stream(cells).map(cell -> clean(cell, false)).toList());
    }

    boolean empty() {
        return rows.isEmpty();
    }

    void print(PrintWriter out, boolean withTitles) {
        int[] widths = new int[titles.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = width(i);
        }
        if (withTitles) {
            out.println(line(titles, widths));
        }
        rows.forEach(row -> out.println(line(row, widths)));
    }

    private int width(int column) {
        int widest = titles.get(column).length();
        for (List<String> row : rows) {
            widest = Math.max(widest, row.get(column).length());
        }
        return widest;
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String gap = " ".repeat(widths[i] - cell.length());
            line.append(numeric(i) ? gap + cell : cell + gap).append("  ");
        }
        return line.toString().stripTrailing();
    }

    private boolean numeric(int column) {
        return !rows.isEmpty()
                && rows.stream().map(row -> row.get(column)).allMatch(cell -> cell.matches("([0-9]+(\\.[0-9]+)?)?"));
    }

    /** Replies and addresses come from anywhere: nothing of them may steer the terminal. */
    static String clean(String text, boolean lines) {
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .map(c -> (Character.isISOControl(c) && !(lines && c == '\n')) || bidi(c) ? '?' : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static boolean bidi(int c) {
        return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    }
}
