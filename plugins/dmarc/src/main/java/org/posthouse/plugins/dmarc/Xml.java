// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

/** Writes elements, one to a line; whatever stands in them is escaped, and is XML 1.0 whoever wrote it. */
final class Xml {
    private final StringBuilder text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    private int depth;

    void open(String name) {
        indent().append('<').append(name).append(">\n");
        depth++;
    }

    void open(String name, String attribute, String value) {
        indent().append('<').append(name).append(' ').append(attribute).append("=\"");
        escape(value);
        text.append("\">\n");
        depth++;
    }

    void leaf(String name, String value) {
        indent().append('<').append(name).append('>');
        escape(value);
        text.append("</").append(name).append(">\n");
    }

    void close(String name) {
        depth--;
        indent().append("</").append(name).append(">\n");
    }

    String text() {
        return text.toString();
    }

    private StringBuilder indent() {
        return text.append("  ".repeat(depth));
    }

    private void escape(String value) {
        value.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '&' -> text.append("&amp;");
                case '"' -> text.append("&quot;");
                default -> text.appendCodePoint(allowed(c) ? c : '?');
            }
        });
    }

    /** XML 1.0 2.2; line ends have no place in what stands here. */
    private static boolean allowed(int c) {
        return c >= 0x20 && c <= 0xD7FF || c >= 0xE000 && c <= 0xFFFD || c >= 0x10000;
    }
}
