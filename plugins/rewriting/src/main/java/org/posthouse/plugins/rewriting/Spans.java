// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Address;

/**
 * Finds where the addresses stand in an address field (RFC 5322 3.4 and 4.4), so that all around them stays as it is. Text
 * that is no address, or not clearly one, has no place.
 */
final class Spans {
    private final String text;
    private final List<Span> found = new ArrayList<>();
    private final List<Token> piece = new ArrayList<>();
    private int at;
    private boolean angled;

    /** Whether what comes stands behind an address in angle brackets. */
    private boolean behind;

    /**
     * The place of an address.
     *
     * @param start where it begins
     * @param end behind its last character
     * @param address the address, without comments and white space within
     */
    record Span(int start, int end, Address address) {}

    /** A word, or one of the marks. */
    private record Token(int start, int end, String text) {
        boolean is(char mark) {
            return text.length() == 1 && text.charAt(0) == mark;
        }

        boolean isWord() {
            return !(text.length() == 1 && "<>@,;:.".contains(text));
        }
    }

    private Spans(String text) {
        this.text = text;
    }

    /** The places in a value with its folding, from left to right; none when quotes, comments or brackets are not closed. */
    static List<Span> of(String value) {
        Spans spans = new Spans(value);
        return spans.read() ? List.copyOf(spans.found) : List.of();
    }

    private boolean read() {
        for (Optional<Token> next = next(); ; next = next()) {
            if (next.isEmpty()) {
                boolean whole = at >= text.length() && !angled;
                ended();
                return whole;
            }
            Token token = next.get();
            if (token.is('<')) {
                if (angled) {
                    return false;
                }
                angled = true;
                piece.clear();
            } else if (token.is('>')) {
                if (!angled) {
                    return false;
                }
                angled = false;
                routed();
                ended();
                behind = true;
            } else if (!angled && (token.is(',') || token.is(';'))) {
                ended();
                behind = false;
            } else if (!angled && token.is(':')) {
                // The name of a group, which is no address.
                piece.clear();
            } else {
                piece.add(token);
            }
        }
    }

    /** RFC 5322 4.4: {@code @a,@b:} in front of an address, from when mail was routed by its sender. */
    private void routed() {
        for (int i = piece.size() - 1; i >= 0; i--) {
            if (piece.get(i).is(':')) {
                piece.subList(0, i + 1).clear();
                return;
            }
        }
    }

    /** An address is over, if it is one. */
    private void ended() {
        if (!behind && isAddress()) {
            StringBuilder address = new StringBuilder();
            piece.forEach(token -> address.append(token.text()));
            found.add(new Span(piece.getFirst().start(), piece.getLast().end(), Address.of(address.toString())));
        }
        piece.clear();
    }

    /** Words with dots between them, {@code @}, and words with dots between them. */
    private boolean isAddress() {
        int signs = 0;
        for (int i = 0; i < piece.size(); i++) {
            Token token = piece.get(i);
            boolean word = i % 2 == 0;
            if (token.isWord() != word || !word && !token.is('.') && !token.is('@')) {
                return false;
            }
            signs += token.is('@') ? 1 : 0;
        }
        return signs == 1 && piece.size() % 2 == 1;
    }

    /** The next word or mark, comments and white space skipped; empty at the end, and where something is not closed. */
    private Optional<Token> next() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
                at++;
            } else if (c == '(') {
                int end = endOfComment();
                if (end < 0) {
                    return Optional.empty();
                }
                at = end;
            } else if (c == '"') {
                return enclosed('"');
            } else if (c == '[') {
                return enclosed(']');
            } else if ("<>@,;:.".indexOf(c) >= 0) {
                return token(at + 1);
            } else {
                int end = at + 1;
                while (end < text.length() && " \t\r\n(\"[<>@,;:.".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                return token(end);
            }
        }
        return Optional.empty();
    }

    private Optional<Token> enclosed(char close) {
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == close) {
                return token(i + 1);
            }
            i += c == '\\' ? 1 : 0;
        }
        return Optional.empty();
    }

    private int endOfComment() {
        int depth = 0;
        for (int i = at; i < text.length(); i++) {
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

    private Optional<Token> token(int end) {
        Token token = new Token(at, end, text.substring(at, end).replace("\r\n", ""));
        at = end;
        return Optional.of(token);
    }
}
