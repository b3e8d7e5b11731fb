// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an address of a letter tells.
 *
 * @param role who it is
 * @param index which of the recipients, 0 for the sender
 * @param letter of which letter
 */
record Mark(char role, int index, String letter) {
    static final char SENDER = 's';
    static final char GOOD = 'r';
    static final char BAD = 'b';

    private static final Pattern FORM = Pattern.compile("\\b([srb])(\\d{0,6})\\.([0-9a-z]+)@(?:src|dst)\\.test");

    /** The first address of a letter in a text. */
    static Optional<Mark> in(String text) {
        Matcher found = FORM.matcher(text);
        if (!found.find()) {
            return Optional.empty();
        }
        int index = found.group(2).isEmpty() ? 0 : Integer.parseInt(found.group(2));
        return Optional.of(new Mark(found.group(1).charAt(0), index, found.group(3)));
    }
}
