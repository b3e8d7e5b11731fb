// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of the configuration, {@code zone=filter*weight}.
 *
 * @param zone the domain of the list, in lower case
 * @param filter which answers count; none for all that mean a listing
 * @param weight what a listing adds to the sum; below 0 for lists of good ones
 */
record Entry(String zone, Optional<AnswerFilter> filter, double weight) {
    private static final Pattern ENTRY = Pattern.compile("([^=*\\s]+)(?:=([^*\\s]+))?(?:\\*(-?\\d+(?:\\.\\d+)?))?");
    private static final Pattern ZONE =
            Pattern.compile("[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*");

    /**
     * Reads an entry.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Entry parse(String text) {
        Matcher matcher = ENTRY.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a list such as bl.example.org=127.0.0.[2..11]*2: " + text);
        }
        String zone = matcher.group(1).toLowerCase(Locale.ROOT);
        if (!ZONE.matcher(zone).matches()) {
            throw new IllegalArgumentException("Not the domain of a list: " + zone + " in " + text);
        }
        String weight = matcher.group(3);
        return new Entry(
                zone,
                Optional.ofNullable(matcher.group(2)).map(AnswerFilter::parse),
                weight == null ? 1 : Double.parseDouble(weight));
    }
}
