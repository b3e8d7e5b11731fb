// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the addresses out of a From or Sender field (RFC 5322 3.4), comments, display names and groups left aside. What can be
 * read in two ways is not read at all.
 */
final class Mailboxes {
    private static final String SPECIALS = "<>,:;@.";

    private final String text;
    private int at;

    private Mailboxes(String text) {
        this.text = text;
    }

    /** The addresses of a field, at least one; empty when it is not understood. */
    static Optional<List<String>> of(String value) {
        try {
            List<String> all = new Mailboxes(value).list();
            return all.isEmpty() ? Optional.empty() : Optional.of(all);
        } catch (Unreadable e) {
            return Optional.empty();
        }
    }

    private List<String> list() throws Unreadable {
        List<String> all = new ArrayList<>();
        List<Token> before = new ArrayList<>();
        while (true) {
            Token token = next();
            switch (token.text()) {
                case "", ",", ";" -> {
                    if (!before.isEmpty()) {
                        all.add(address(before));
                    }
                    before.clear();
                    if (token.text().isEmpty()) {
                        return all;
                    }
                }
                case ":" -> {
                    refuseAddress(before);
                    before.clear();
                }
                case "<" -> {
                    refuseAddress(before);
                    before.clear();
                    all.add(angled());
                }
                default -> before.add(token);
            }
        }
    }

    /** A display name or the name of a group that looks like an address: some readers would show it as one. */
    private static void refuseAddress(List<Token> words) throws Unreadable {
        if (words.stream().anyMatch(w -> w.text().equals("@") || w.text().equals(">"))) {
            throw new Unreadable();
        }
    }

    private String angled() throws Unreadable {
        List<Token> inside = new ArrayList<>();
        for (Token token = next(); !token.text().equals(">"); token = next()) {
            if (token.text().isEmpty() || "<,:;".contains(token.text())) {
                throw new Unreadable();
            }
            inside.add(token);
        }
        int here = at;
        String behind = next().text();
        if (!behind.isEmpty() && !",;".contains(behind)) {
            throw new Unreadable();
        }
        at = here;
        return address(inside);
    }

    /** Joins the words of {@code local@domain}; two words with nothing but space between them are none. */
    private static String address(List<Token> words) throws Unreadable {
        StringBuilder address = new StringBuilder();
        boolean word = false;
        int ats = 0;
        for (Token token : words) {
            boolean mark = token.text().equals("@") || token.text().equals(".");
            if ((!mark && word) || token.text().equals(">")) {
                throw new Unreadable();
            }
            ats += token.text().equals("@") ? 1 : 0;
            word = !mark;
            address.append(token.text());
        }
        if (ats != 1 || address.charAt(0) == '@' || address.charAt(address.length() - 1) == '@') {
            throw new Unreadable();
        }
        return address.toString();
    }

    private record Token(String text) {}

    /** The next word or mark; empty at the end. */
    private Token next() throws Unreadable {
        skip();
        if (at >= text.length()) {
            return new Token("");
        }
        int start = at;
        char c = text.charAt(at);
        if (c == '"') {
            enclosed('"', '"');
        } else if (c == '[') {
            enclosed('[', ']');
        } else if (SPECIALS.indexOf(c) >= 0) {
            at++;
        } else if (c == ')' || c == ']') {
            throw new Unreadable();
        } else {
            while (at < text.length() && isWord(text.charAt(at))) {
                at++;
            }
        }
        return new Token(text.substring(start, at));
    }

    private static boolean isWord(char c) {
        return !isSpace(c) && SPECIALS.indexOf(c) < 0 && "\"()[]".indexOf(c) < 0;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private void skip() throws Unreadable {
        while (at < text.length() && (isSpace(text.charAt(at)) || text.charAt(at) == '(')) {
            if (text.charAt(at) == '(') {
                comment();
            } else {
                at++;
            }
        }
    }

    private void comment() throws Unreadable {
        int depth = 0;
        do {
            if (at >= text.length()) {
                throw new Unreadable();
            }
            char c = text.charAt(at);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            at += c == '\\' ? 2 : 1;
        } while (depth > 0);
    }

    private void enclosed(char open, char close) throws Unreadable {
        at++;
        while (at < text.length() && text.charAt(at) != close) {
            if (text.charAt(at) == open) {
                throw new Unreadable();
            }
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= text.length()) {
            throw new Unreadable();
        }
        at++;
    }

    /** The field can not be read in one way only. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable() {
            super(null, null, false, false);
        }
    }
}
