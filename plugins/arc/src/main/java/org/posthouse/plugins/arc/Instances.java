// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.util.OptionalInt;
import org.posthouse.api.Header;
import org.posthouse.mailauth.dkim.MalformedTagsException;
import org.posthouse.mailauth.dkim.TagList;

/** Reads which hop a field is of: the tag i (RFC 8617 4.2.1). */
final class Instances {
    /** RFC 8617 4.2.1: the most hops a chain has. */
    static final int MOST = 50;

    private Instances() {}

    /** The instance, 1 to 50; empty when the field has none. */
    static OptionalInt of(Header field) {
        return field.is(ArcSet.RESULTS) ? ofResults(ArcSet.value(field)) : ofTags(ArcSet.value(field));
    }

    private static OptionalInt ofTags(String value) {
        try {
            return number(TagList.parse(value).value("i").orElse(""));
        } catch (MalformedTagsException e) {
            return OptionalInt.empty();
        }
    }

    /** {@code [CFWS] "i" [CFWS] "=" [CFWS] 1*DIGIT [CFWS] ";"} in front of the results. */
    private static OptionalInt ofResults(String value) {
        int at = behindSpace(value, 0);
        if (at < 0 || !value.startsWith("i", at)) {
            return OptionalInt.empty();
        }
        at = behindSpace(value, at + 1);
        if (at < 0 || !value.startsWith("=", at)) {
            return OptionalInt.empty();
        }
        int from = behindSpace(value, at + 1);
        int to = from;
        while (to >= 0 && to < value.length() && isDigit(value.charAt(to))) {
            to++;
        }
        int end = behindSpace(value, to);
        return end >= 0 && value.startsWith(";", end) ? number(value.substring(from, to)) : OptionalInt.empty();
    }

    private static OptionalInt number(String digits) {
        if (digits.isEmpty() || digits.length() > 2 || !digits.chars().allMatch(c -> isDigit((char) c))) {
            return OptionalInt.empty();
        }
        int number = Integer.parseInt(digits);
        return number >= 1 && number <= MOST ? OptionalInt.of(number) : OptionalInt.empty();
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Behind white space and comments; -1 when a comment is not closed, or from is -1. */
    private static int behindSpace(String value, int from) {
        int depth = 0;
        int at = from;
        while (at >= 0 && at < value.length()) {
            char c = value.charAt(at);
            if (c == '(') {
                depth++;
            } else if (depth > 0) {
                at += c == '\\' ? 1 : 0;
                depth -= c == ')' ? 1 : 0;
            } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                return at;
            }
            at++;
        }
        return depth > 0 ? -1 : at;
    }
}
