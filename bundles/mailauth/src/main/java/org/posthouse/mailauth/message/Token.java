// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

/**
 * A word or a mark of a structured field.
 *
 * @param text the mark, or the word with its quotes or brackets; empty at the end of the field
 * @param gap whether there is space or a comment in front of it
 */
record Token(String text, boolean gap) {
    static final Token END = new Token("", false);

    static final String MARKS = "<>,:;@.";

    boolean is(String other) {
        return text.equals(other);
    }

    boolean isEnd() {
        return text.isEmpty();
    }

    /** Whether it may be part of one side of an address. */
    boolean isPart() {
        return isWord() || is(".");
    }

    /** Whether it is an atom, a quoted text or a domain literal. */
    boolean isWord() {
        return !text.isEmpty() && !(text.length() == 1 && MARKS.contains(text));
    }
}
