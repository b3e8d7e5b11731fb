// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.delayed;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Optional;

/** Reads a Date field (RFC 5322 3.3). */
final class DateField {
    private static final int LONGEST = 200;
    private static final DateTimeFormatter FORM =
            DateTimeFormatter.RFC_1123_DATE_TIME.withResolverStyle(ResolverStyle.STRICT);

    private DateField() {}

    /** The moment it names; empty when it names none, or one that only names of zones of long ago tell. */
    static Optional<Instant> read(String value) {
        String text = withoutComments(value.length() > LONGEST ? value.substring(0, LONGEST) : value)
                .replaceAll("\\s+", " ")
                // The day of the week says nothing that the date does not say, and some clients have it wrong.
                .replaceFirst("^\\s*[A-Za-z]+ ?, ?", "")
                .strip()
                .replaceFirst("(?i) (UT|UTC|Z)$", " GMT");
        try {
            return Optional.of(OffsetDateTime.parse(text, FORM).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static String withoutComments(String value) {
        StringBuilder text = new StringBuilder(value.length());
        int depth = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && depth > 0) {
                i++;
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && depth > 0) {
                depth--;
            } else if (depth == 0) {
                text.append(c);
            }
        }
        return text.toString();
    }
}
