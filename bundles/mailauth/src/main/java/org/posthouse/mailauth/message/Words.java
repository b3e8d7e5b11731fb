// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import java.util.ArrayList;
import java.util.List;

/** Splits a structured field into words and marks, spaces and comments left out (RFC 5322 3.2). */
final class Words {
    /** How often it is looked for an end that is not there, so that a field of opening brackets alone costs no square of time. */
    private static final int PATIENCE = 16;

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private boolean gap;
    private int unclosed;
    private boolean strange;
    private int at;

    private Words(String text) {
        this.text = text;
    }

    static Words of(String text) {
        Words words = new Words(text);
        while (words.at < text.length()) {
            words.step();
        }
        return words;
    }

    List<Token> tokens() {
        return tokens;
    }

    /** Whether all that was opened was closed, and no character stood where none may. */
    boolean whole() {
        return unclosed == 0 && !strange;
    }

    private void step() {
        char c = text.charAt(at);
        if (c == ' ' || c == '\t') {
            at++;
            gap = true;
        } else if (c == '(') {
            jump(endOfComment(), false);
        } else if (c == '"') {
            jump(endOf('"', '"'), true);
        } else if (c == '[') {
            jump(endOf('[', ']'), true);
        } else if (Token.MARKS.indexOf(c) >= 0) {
            add(at + 1);
        } else if (!isAtom(c)) {
            strange = true;
            at++;
        } else {
            int end = at;
            while (end < text.length() && isAtom(text.charAt(end))) {
                end++;
            }
            add(end);
        }
    }

    private void add(int end) {
        tokens.add(new Token(text.substring(at, end), gap));
        gap = false;
        at = end;
    }

    /** Goes on behind what was enclosed; what was never closed is a character that may not stand here. */
    private void jump(int end, boolean kept) {
        if (end < 0) {
            unclosed++;
            at++;
            return;
        }
        if (kept) {
            add(end);
        } else {
            gap = true;
            at = end;
        }
    }

    private int endOfComment() {
        int depth = 0;
        for (int i = at; unclosed < PATIENCE && i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++;
                case '(' -> depth++;
                case ')' -> depth--;
                default -> {}
            }
            if (depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private int endOf(char open, char close) {
        for (int i = at + 1; unclosed < PATIENCE && i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == close) {
                return i + 1;
            }
            if (c == '\\') {
                i++;
            } else if (c == open) {
                return -1;
            }
        }
        return -1;
    }

    private static boolean isAtom(char c) {
        return c > ' ' && c != 127 && "\"()[]\\".indexOf(c) < 0 && Token.MARKS.indexOf(c) < 0;
    }
}
