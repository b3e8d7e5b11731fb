// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.List;

/** Puts the value of a field together, in lines of 78 characters where its words let it (RFC 5322 2.1.1). */
public final class FoldedValue {
    private static final int WIDTH = 78;
    private static final String FOLD = "\r\n\t";
    private static final int TAB = 8;

    private final StringBuilder out = new StringBuilder();
    private int column;

    /** Begins behind so many characters: the name of the field, its colon and a space. */
    public FoldedValue(int column) {
        this.column = column;
    }

    /** Adds a word, with a space or a fold in front when there is something before it. */
    public FoldedValue word(String word) {
        if (!out.isEmpty()) {
            if (column + 1 + word.length() > WIDTH) {
                fold();
            } else {
                add(" ");
            }
        }
        return add(word);
    }

    /** Adds a tag whose value is a list; it is folded behind separators. */
    public FoldedValue list(String tag, List<String> items, String separator, String end) {
        for (int i = 0; i < items.size(); i++) {
            String item = items.get(i) + (i < items.size() - 1 ? separator : end);
            if (i == 0) {
                word(tag + item);
            } else {
                if (column + item.length() > WIDTH) {
                    fold();
                }
                add(item);
            }
        }
        return this;
    }

    /** Adds base64 right here; it is folded wherever a line ends. */
    public FoldedValue octets(String base64) {
        for (int from = 0; from < base64.length(); ) {
            if (column >= WIDTH) {
                fold();
            }
            int to = Math.min(base64.length(), from + WIDTH - column);
            add(base64.substring(from, to));
            from = to;
        }
        return this;
    }

    private void fold() {
        out.append(FOLD);
        column = TAB;
    }

    private FoldedValue add(String text) {
        out.append(text);
        column += text.length();
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
