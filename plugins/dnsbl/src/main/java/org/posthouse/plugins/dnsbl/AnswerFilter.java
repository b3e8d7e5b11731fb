// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which answers of a list count, such as {@code 127.0.0.[2..11]}: four parts, each a number or a set of numbers and ranges. */
final class AnswerFilter {
    private static final String RANGE = "\\d{1,3}(?:\\.\\.\\d{1,3})?";
    private static final String PART = "(\\d{1,3}|\\[" + RANGE + "(?:;" + RANGE + ")*])";
    private static final Pattern FILTER = Pattern.compile(PART + ("\\." + PART).repeat(3));

    private static final int LARGEST = 255;

    private final List<BitSet> parts;

    private AnswerFilter(List<BitSet> parts) {
        this.parts = parts;
    }

    /**
     * Reads a filter.
     *
     * @throws IllegalArgumentException when it is none
     */
    static AnswerFilter parse(String text) {
        Matcher matcher = FILTER.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a filter such as 127.0.0.[2..11]: " + text);
        }
        List<BitSet> parts = new ArrayList<>();
        for (int i = 1; i <= matcher.groupCount(); i++) {
            parts.add(part(matcher.group(i), text));
        }
        return new AnswerFilter(parts);
    }

    private static BitSet part(String part, String whole) {
        BitSet set = new BitSet();
        for (String range : part.replace("[", "").replace("]", "").split(";", -1)) {
            int dots = range.indexOf("..");
            int from = Integer.parseInt(dots < 0 ? range : range.substring(0, dots));
            int to = dots < 0 ? from : Integer.parseInt(range.substring(dots + 2));
            if (from > to || to > LARGEST) {
                throw new IllegalArgumentException("Not a range of 0 to 255: " + range + " in " + whole);
            }
            set.set(from, to + 1);
        }
        return set;
    }

    /** Whether an IPv4 address is among those that count. */
    boolean matches(byte[] address) {
        for (int i = 0; i < parts.size(); i++) {
            if (address.length != parts.size() || !parts.get(i).get(address[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }
}
