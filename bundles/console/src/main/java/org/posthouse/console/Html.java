// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.util.Set;
import org.owasp.encoder.Encode;

/** A piece of a page that grows; what comes from outside goes through {@link #text} or {@link #escape}. */
final class Html {
    private final StringBuilder out = new StringBuilder();

    /** Markup of ours. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** A text from anywhere. */
    Html text(String text) {
        return raw(escape(text));
    }

    /** An element with a text in it. */
    Html element(String name, String text) {
        return raw("<" + name + ">").text(text).raw("</" + name + ">");
    }

    /** A table cell with a class. */
    Html cell(String style, String text) {
        return raw("<td class=\"" + style + "\">").text(text).raw("</td>");
    }

    /** The head of a table. */
    Html head(String... titles) {
        return head(Set.of(), titles);
    }

    /**
     * The head of a table.
     *
     * @param numbers the titles that stand over numbers, on the right as these do
     * @param titles all titles
     */
    Html head(Set<String> numbers, String... titles) {
        raw("<thead><tr>");
        for (String title : titles) {
            raw(numbers.contains(title) ? "<th class=\"number\">" : "<th>")
                    .text(title)
                    .raw("</th>");
        }
        return raw("</tr></thead>");
    }

    /** One line of a list of facts. */
    Html fact(String name, String value) {
        return raw("<tr>")
                .element("th", name)
                .element("td", value.isEmpty() ? "–" : value)
                .raw("</tr>");
    }

    /** A word with a colour of its own. */
    Html badge(String style, String word) {
        return raw("<span class=\"badge p-" + escape(style) + "\">").text(word).raw("</span> ");
    }

    /** Safe between tags and within quoted attributes; also hides {@code ${…}} from the console's own substitution. */
    static String escape(String text) {
        return Encode.forHtml(text).replace("$", "&#36;").replace("\\", "&#92;");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
