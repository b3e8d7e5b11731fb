// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

/** Reads the text of a rule from left to right. */
public final class Cursor {
    private final String text;
    private int at;

    /** At the start of a text. */
    public Cursor(String text) {
        this.text = text;
    }

    /** The place of the next word, counted from 1. */
    public int column() {
        blanks();
        return at + 1;
    }

    private void blanks() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    /** Goes back to a column, to say what is wrong there. */
    public Cursor back(int column) {
        at = column - 1;
        return this;
    }

    /** What is wrong at the next word. */
    public RuleException expected(String what) {
        int column = column();
        return new RuleException(column, "expected " + what + ", not " + rest());
    }

    private String rest() {
        if (at == text.length()) {
            return "the end of the rule";
        }
        String rest = text.substring(at);
        return "'" + (rest.length() > 20 ? rest.substring(0, 20) + "…" : rest) + "'";
    }

    /** Whether nothing more comes. */
    public boolean end() {
        blanks();
        return at == text.length();
    }

    /** Takes a sign when it comes next. */
    public boolean eat(String sign) {
        blanks();
        boolean there = text.startsWith(sign, at);
        at += there ? sign.length() : 0;
        return there;
    }

    /** Takes a word when it comes next, in any case. */
    public boolean eatWord(String word) {
        int start = column() - 1;
        if (name().equalsIgnoreCase(word)) {
            return true;
        }
        at = start;
        return false;
    }

    /** Takes letters, digits and {@code _ . -}; empty when none comes next. */
    public String name() {
        blanks();
        int start = at;
        while (at < text.length() && named(text.charAt(at)) && !text.startsWith("->", at)) {
            at++;
        }
        return text.substring(start, at);
    }

    private static boolean named(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "_.-".indexOf(c) >= 0;
    }

    /** Whether a quoted text comes next. */
    public boolean quoteIsNext() {
        blanks();
        return at < text.length() && text.charAt(at) == '"';
    }

    /** Whether a digit comes next. */
    public boolean digitIsNext() {
        blanks();
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    /** Takes a value: a quoted text, or all up to a blank, a parenthesis, a comma, a quote or {@code ->}. */
    public String value(String what) throws RuleException {
        if (quoteIsNext()) {
            return quoted();
        }
        int start = at;
        while (at < text.length() && " \t(),\"".indexOf(text.charAt(at)) < 0 && !text.startsWith("->", at)) {
            at++;
        }
        if (start == at || text.charAt(start) == '#') {
            at = start;
            throw expected(what);
        }
        return text.substring(start, at);
    }

    /** In quotes a backslash hides a quote or a backslash; before anything else it stands for itself. */
    private String quoted() throws RuleException {
        int start = at;
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            boolean hides = c == '\\' && at + 1 < text.length() && "\"\\".indexOf(text.charAt(at + 1)) >= 0;
            at += hides ? 1 : 0;
            value.append(text.charAt(at));
        }
        throw new RuleException(start + 1, "the quote is not closed");
    }

    /** Takes a comment to the end of the rule; empty when there is none. */
    public String comment() {
        if (!eat("#")) {
            return "";
        }
        String comment = text.substring(at).strip();
        at = text.length();
        return comment;
    }
}
