// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one directive (RFC 7208 12). */
final class TermParser {
    private static final Pattern DIRECTIVE = Pattern.compile("([-+?~]?)([A-Za-z][-A-Za-z0-9_.]*)(.*)", Pattern.DOTALL);
    // RFC 7208 12: at the end of a term; no leading zeros, and the one of IPv6 behind two slashes.
    private static final Pattern LENGTHS = Pattern.compile("(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\\z");
    private static final int IP4_BITS = 32;
    private static final int IP6_BITS = 128;

    private final String term;
    private final String argument;

    private TermParser(String term, String argument) {
        this.term = term;
        this.argument = argument;
    }

    /**
     * Reads it.
     *
     * @throws SpfException a permerror, when it is against the grammar
     */
    static Directive parse(String term) throws SpfException {
        Matcher parts = DIRECTIVE.matcher(term);
        if (!parts.matches()) {
            throw SpfException.permanent("not a term: " + term);
        }
        Result result = switch (parts.group(1)) {
            case "-" -> Result.FAIL;
            case "~" -> Result.SOFTFAIL;
            case "?" -> Result.NEUTRAL;
            default -> Result.PASS;
        };
        TermParser rest = new TermParser(term, parts.group(3));
        return new Directive(result, rest.mechanism(parts.group(2).toLowerCase(Locale.ROOT)), term);
    }

    private Mechanism mechanism(String name) throws SpfException {
        return switch (name) {
            case "all" -> all();
            case "include" -> new Mechanism.Include(required(argument));
            case "exists" -> new Mechanism.Exists(required(argument));
            case "ptr" -> new Mechanism.Ptr(optional(argument));
            case "a" -> {
                Matcher lengths = lengths();
                yield new Mechanism.A(optional(argument.substring(0, lengths.start())), near(lengths));
            }
            case "mx" -> {
                Matcher lengths = lengths();
                yield new Mechanism.Mx(optional(argument.substring(0, lengths.start())), near(lengths));
            }
            case "ip4" -> ip4();
            case "ip6" -> ip6();
            default -> throw SpfException.permanent("no such mechanism: " + term);
        };
    }

    private Mechanism all() throws SpfException {
        if (!argument.isEmpty()) {
            throw bad();
        }
        return new Mechanism.All();
    }

    private SpfException bad() {
        return SpfException.permanent("not a term: " + term);
    }

    private MacroText required(String text) throws SpfException {
        if (!text.startsWith(":")) {
            throw bad();
        }
        return MacroText.parse(text.substring(1), MacroText.Use.DOMAIN);
    }

    private Optional<MacroText> optional(String text) throws SpfException {
        return text.isEmpty() ? Optional.empty() : Optional.of(required(text));
    }

    private Matcher lengths() throws SpfException {
        Matcher lengths = LENGTHS.matcher(argument);
        if (!lengths.find()) {
            throw bad();
        }
        return lengths;
    }

    private Mechanism.Near near(Matcher lengths) throws SpfException {
        return new Mechanism.Near(bits(lengths.group(1), IP4_BITS), bits(lengths.group(2), IP6_BITS));
    }

    private int bits(@Nullable String digits, int most) throws SpfException {
        int bits = digits == null ? most : Integer.parseInt(digits);
        if (bits > most) {
            throw bad();
        }
        return bits;
    }

    private Mechanism ip4() throws SpfException {
        Matcher lengths = lengths();
        if (lengths.group(2) != null) {
            throw bad();
        }
        return ip(Network.ip4(literal(lengths.start())), bits(lengths.group(1), IP4_BITS));
    }

    private Mechanism ip6() throws SpfException {
        int slash = argument.indexOf('/');
        String digits = slash < 0 ? null : argument.substring(slash + 1);
        if (digits != null && !digits.matches("0|[1-9][0-9]{0,2}")) {
            throw bad();
        }
        return ip(Network.ip6(literal(slash < 0 ? argument.length() : slash)), bits(digits, IP6_BITS));
    }

    private String literal(int end) throws SpfException {
        if (!argument.startsWith(":")) {
            throw bad();
        }
        return argument.substring(1, Math.max(1, end));
    }

    private Mechanism ip(Optional<byte[]> address, int bits) throws SpfException {
        return new Mechanism.Ip(new Network(address.orElseThrow(this::bad), bits));
    }
}
