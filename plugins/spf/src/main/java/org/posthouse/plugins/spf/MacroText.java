// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with macros (RFC 7208 7), read and ready to be expanded. */
final class MacroText {
    /** What a text is for, which decides what it may hold. */
    enum Use {
        /** A domain-spec. */
        DOMAIN,
        /** An explain-string, in which three letters more are known, and spaces. */
        EXPLANATION,
        /** The value of a modifier that nobody here knows. */
        ANY
    }

    private static final Pattern MACRO = Pattern.compile("%\\{([slodiphcrtvSLODIPHCRTV])([0-9]*)([rR]?)([-.+,/_=]*)}");
    // RFC 7208 7.1: domain-end without its macro-expand.
    // Possessive: a record of 64 kB must not be read again from each of its letters.
    private static final Pattern END =
            Pattern.compile(".*\\.((?=[0-9]*+[A-Za-z])[0-9A-Za-z]++|[0-9A-Za-z]++-[-0-9A-Za-z]*+(?<!-))\\.?");
    /** More of a domain than can count, whatever the macros stand for; a record of 64 kB holds many. */
    private static final int LONG_DOMAIN = 512;

    private static final int LONG_EXPLANATION = 1024;

    private sealed interface Part {
        Optional<String> expand(MacroValues values) throws SpfException;
    }

    private record Literal(String text) implements Part {
        @Override
        public Optional<String> expand(MacroValues values) {
            return Optional.of(text);
        }
    }

    private record Macro(char letter, int rightmost, boolean reversed, String delimiters, boolean escaped)
            implements Part {
        @Override
        public Optional<String> expand(MacroValues values) throws SpfException {
            return values.of(letter).map(value -> escaped ? escape(transform(value)) : transform(value));
        }

        /** RFC 7208 7.3: split, reversed, the right-hand parts of that, joined by dots. */
        private String transform(String value) {
            List<String> parts = new ArrayList<>();
            int start = 0;
            for (int i = 0; i < value.length(); i++) {
                if (delimiters.indexOf(value.charAt(i)) >= 0) {
                    parts.add(value.substring(start, i));
                    start = i + 1;
                }
            }
            parts.add(value.substring(start));
            if (reversed) {
                Collections.reverse(parts);
            }
            int from = Math.max(0, parts.size() - rightmost);
            return String.join(".", parts.subList(from, parts.size()));
        }

        /** RFC 7208 7.3: all but the unreserved set (RFC 3986 2.3). */
        private static String escape(String value) {
            StringBuilder out = new StringBuilder();
            for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
                char c = (char) (octet & 0xff);
                boolean unreserved = c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
                out.append(unreserved ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
            }
            return out.toString();
        }
    }

    private final List<Part> parts;

    private MacroText(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads it.
     *
     * @throws SpfException a permerror, when it is against the grammar
     */
    static MacroText parse(String text, Use use) throws SpfException {
        List<Part> parts = new ArrayList<>();
        Matcher macro = MACRO.matcher(text);
        int at = 0;
        int tail = 0; // Where what stands behind the last macro begins.
        while (at < text.length()) {
            if (text.charAt(at) != '%') {
                int end = text.indexOf('%', at);
                String literal = text.substring(at, end < 0 ? text.length() : end);
                visible(literal, use);
                parts.add(new Literal(literal));
                at += literal.length();
            } else if (macro.region(at, text.length()).lookingAt()) {
                parts.add(macro(macro, use));
                at = macro.end();
                tail = at;
            } else {
                parts.add(new Literal(sign(text, at)));
                at += 2;
                tail = at;
            }
        }
        boolean complete = tail > 0 && tail == text.length();
        if (use == Use.DOMAIN && !complete && !END.matcher(text.substring(tail)).matches()) {
            throw SpfException.permanent("no domain: " + text);
        }
        return new MacroText(parts);
    }

    private static void visible(String literal, Use use) throws SpfException {
        char first = use == Use.EXPLANATION ? ' ' : '!';
        if (!literal.chars().allMatch(c -> c >= first && c < 127)) {
            throw SpfException.permanent("a character that may not stand there");
        }
    }

    private static Macro macro(Matcher macro, Use use) throws SpfException {
        char written = macro.group(1).charAt(0);
        char letter = Character.toLowerCase(written);
        if (use == Use.DOMAIN && "crt".indexOf(letter) >= 0) {
            throw SpfException.permanent("the macro " + letter + " is for explanations");
        }
        String digits = macro.group(2);
        int rightmost = Integer.MAX_VALUE;
        if (!digits.isEmpty()) {
            // No name has so many parts that a number of four digits makes a difference.
            String significant = digits.replaceFirst("^0+", "");
            rightmost = significant.length() > 3 ? Integer.MAX_VALUE : Integer.parseInt("0" + significant);
            if (rightmost == 0) {
                throw SpfException.permanent("a macro of zero parts");
            }
        }
        String delimiters = macro.group(4).isEmpty() ? "." : macro.group(4);
        return new Macro(letter, rightmost, !macro.group(3).isEmpty(), delimiters, written != letter);
    }

    private static String sign(String text, int at) throws SpfException {
        return switch (at + 1 < text.length() ? text.charAt(at + 1) : ' ') {
            case '%' -> "%";
            case '_' -> " ";
            case '-' -> "%20";
            default -> throw SpfException.permanent("a % that is no macro");
        };
    }

    /** The domain it stands for, cut to what fits; from the right, for what is too long is cut on the left. */
    Optional<String> domain(MacroValues values) throws SpfException {
        StringBuilder out = new StringBuilder();
        for (int i = parts.size() - 1; i >= 0 && out.length() < LONG_DOMAIN; i--) {
            Optional<String> piece = parts.get(i).expand(values);
            if (piece.isEmpty()) {
                return Optional.empty();
            }
            out.insert(0, piece.get());
        }
        return Optional.of(Domains.truncated(out.toString()));
    }

    /** The explanation it stands for; what is too long is cut on the right. */
    Optional<String> explanation(MacroValues values) throws SpfException {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < parts.size() && out.length() < LONG_EXPLANATION; i++) {
            Optional<String> piece = parts.get(i).expand(values);
            if (piece.isEmpty()) {
                return Optional.empty();
            }
            out.append(piece.get());
        }
        return Optional.of(out.substring(0, Math.min(out.length(), LONG_EXPLANATION)));
    }
}
