// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the addresses out of a From field (RFC 5322 3.4, RFC 6854), comments, display names and names of groups left aside. */
final class Mailboxes {
    private final List<Token> tokens;
    private int at;
    private boolean grouped;

    private Mailboxes(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** The addresses of a field, none for an empty group; empty when it can be read in two ways, or in none. */
    static Optional<List<String>> strictly(String value) {
        Words words = Words.of(value);
        if (!words.whole()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Mailboxes(words.tokens()).list());
        } catch (Unreadable e) {
            return Optional.empty();
        }
    }

    /**
     * Whatever looks like an address outside of quotes and comments, also without its domain; what stands in angle brackets
     * first.
     */
    static List<String> anyhow(String value) {
        List<Token> tokens = Words.of(value).tokens();
        List<String> angled = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        boolean inside = false;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            inside = token.is("<") || inside && !token.is(">");
            if (token.is("@")) {
                String address = around(tokens, i);
                if (!address.isEmpty()) {
                    (inside ? angled : bare).add(address);
                }
            }
        }
        angled.addAll(bare);
        return angled;
    }

    /**
     * The address whose {@code @} stands there, without gaps in it where it can be read so; empty when nothing is in front of
     * it, which is nobody's address.
     */
    private static String around(List<Token> tokens, int sign) {
        String dense = around(tokens, sign, false);
        return dense.isEmpty() || dense.endsWith("@") ? around(tokens, sign, true) : dense;
    }

    private static String around(List<Token> tokens, int sign, boolean gaps) {
        int from = sign;
        while (from > 0 && tokens.get(from - 1).isPart() && joins(tokens.get(from - 1), tokens.get(from), gaps)) {
            from--;
        }
        int to = sign + 1;
        while (to < tokens.size() && tokens.get(to).isPart() && joins(tokens.get(to - 1), tokens.get(to), gaps)) {
            to++;
        }
        StringBuilder address = new StringBuilder();
        tokens.subList(from, to).forEach(t -> address.append(t.text()));
        return sign > from ? address.toString() : "";
    }

    /** Whether two neighbours may stand in one address: two words side by side do not. */
    private static boolean joins(Token first, Token second, boolean gaps) {
        return !(first.isWord() && second.isWord()) && (gaps || !second.gap());
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
                    closed(token);
                    if (token.isEnd()) {
                        return all;
                    }
                }
                case ":" -> {
                    opened(before);
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

    private void opened(List<Token> name) throws Unreadable {
        refuseAddress(name);
        if (grouped || name.isEmpty()) {
            throw new Unreadable();
        }
        grouped = true;
    }

    /** A group ends with its semicolon, and there is no semicolon without a group. */
    private void closed(Token by) throws Unreadable {
        if (by.is(";") && !grouped || by.isEnd() && grouped) {
            throw new Unreadable();
        }
        grouped = grouped && !by.is(";");
    }

    /** A display name or the name of a group that looks like an address: some readers would show it as one. */
    private static void refuseAddress(List<Token> words) throws Unreadable {
        if (words.stream().anyMatch(w -> w.is("@") || w.is(">"))) {
            throw new Unreadable();
        }
    }

    private String angled() throws Unreadable {
        List<Token> inside = new ArrayList<>();
        for (Token token = next(); !token.is(">"); token = next()) {
            if (token.isEnd() || "<,:;".contains(token.text())) {
                throw new Unreadable();
            }
            inside.add(token);
        }
        Token behind = at < tokens.size() ? tokens.get(at) : Token.END;
        if (!behind.isEnd() && !behind.is(",") && !behind.is(";")) {
            throw new Unreadable();
        }
        return address(inside);
    }

    /** Joins the words of {@code local@domain}. */
    private static String address(List<Token> words) throws Unreadable {
        StringBuilder address = new StringBuilder();
        boolean word = false;
        int signs = 0;
        for (Token token : words) {
            // RFC 5322 4.4 lets old mail have gaps in addresses; readers of today differ on where they end.
            boolean gap = token.gap() && !address.isEmpty();
            if (token.isWord() == word || token.is(">") || gap) {
                throw new Unreadable();
            }
            signs += token.is("@") ? 1 : 0;
            word = token.isWord();
            address.append(token.text());
        }
        if (signs != 1 || !word) {
            throw new Unreadable();
        }
        return address.toString();
    }

    private Token next() {
        return at < tokens.size() ? tokens.get(at++) : Token.END;
    }

    /** The field can not be read in one way only. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable() {
            super(null, null, false, false);
        }
    }
}
