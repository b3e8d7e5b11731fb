// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a domain publishes (RFC 7208 3), read.
 *
 * @param directives in order
 * @param redirect the domain whose record counts when no directive matches
 * @param explanation the domain whose text explains a fail
 */
record SpfRecord(List<Directive> directives, Optional<MacroText> redirect, Optional<MacroText> explanation) {
    private static final String VERSION = "v=spf1";
    private static final Pattern MODIFIER = Pattern.compile("([A-Za-z][-A-Za-z0-9_.]*)=(.*)", Pattern.DOTALL);

    SpfRecord {
        directives = List.copyOf(directives);
    }

    /** Whether a text record is one of these, whatever its terms are (RFC 7208 4.5). */
    static boolean is(String text) {
        return text.regionMatches(true, 0, VERSION, 0, VERSION.length())
                && (text.length() == VERSION.length() || text.charAt(VERSION.length()) == ' ');
    }

    /**
     * Reads it whole: an error anywhere makes all of it void (RFC 7208 4.6).
     *
     * @throws SpfException a permerror, when it is against the grammar
     */
    static SpfRecord parse(String text) throws SpfException {
        List<Directive> directives = new ArrayList<>();
        Map<String, MacroText> modifiers = new HashMap<>();
        for (String term : text.substring(VERSION.length()).split(" ")) {
            Matcher modifier = MODIFIER.matcher(term);
            if (modifier.matches()) {
                modifier(modifier.group(1).toLowerCase(Locale.ROOT), modifier.group(2), modifiers);
            } else if (!term.isEmpty()) {
                directives.add(TermParser.parse(term));
            }
        }
        return new SpfRecord(
                directives, Optional.ofNullable(modifiers.get("redirect")), Optional.ofNullable(modifiers.get("exp")));
    }

    private static void modifier(String name, String value, Map<String, MacroText> known) throws SpfException {
        if (!name.equals("redirect") && !name.equals("exp")) {
            MacroText.parse(value, MacroText.Use.ANY);
        } else if (known.put(name, MacroText.parse(value, MacroText.Use.DOMAIN)) != null) {
            throw SpfException.permanent("more than one " + name);
        }
    }
}
