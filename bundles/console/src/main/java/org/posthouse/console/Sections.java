// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.util.List;
import org.posthouse.api.operator.Page;
import org.posthouse.api.operator.Table;

/** The tables of a plugin as rows of a page. */
final class Sections {
    /** Longer cells may be broken, so that a table with many columns stays on the page. */
    private static final int MOST_UNBROKEN = 24;

    private Sections() {}

    static void render(List<Page.Section> sections, Html page) {
        for (Page.Section section : sections) {
            page.element("h3", section.title());
            if (!section.table().note().isEmpty()) {
                page.element("p", section.table().note());
            }
            table(section.table(), page);
        }
    }

    /** The table alone, unless it has no columns. */
    static void table(Table table, Html page) {
        if (table.columns().isEmpty()) {
            return;
        }
        page.raw("<table class=\"rows\">")
                .head(table.columns().toArray(String[]::new))
                .raw("<tbody>");
        for (List<String> row : table.rows()) {
            page.raw("<tr>");
            row.forEach(cell -> page.cell(cell.length() > MOST_UNBROKEN ? "address" : "short", cell));
            page.raw("</tr>");
        }
        page.raw("</tbody></table>");
        if (table.rows().isEmpty()) {
            page.raw("<p class=\"note\">Nothing is there.</p>");
        }
    }
}
