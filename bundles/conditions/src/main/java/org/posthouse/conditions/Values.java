// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import org.posthouse.outside.network.Network;

/** Reads the values of rules; what is wrong names its column. */
public final class Values {
    private static final java.util.regex.Pattern SIZE = java.util.regex.Pattern.compile("(\\d{1,12})([kKMG]?)(i?)B?");
    private static final java.util.regex.Pattern SPAN = java.util.regex.Pattern.compile("(\\d{1,6})([smhd])");
    private static final java.util.regex.Pattern REPEAT = java.util.regex.Pattern.compile("\\{(\\d+)(?:,(\\d*))?}");
    private static final long MOST_REPEATS = 1000;
    private static final int LONGEST_EXPRESSION = 500;

    private Values() {}

    /** A network or a single address. */
    public static Network network(int column, String text) throws RuleException {
        try {
            return Network.exactly(text);
        } catch (IllegalArgumentException e) {
            throw new RuleException(column, "expected an address or a network, but " + e.getMessage());
        }
    }

    /** A finite number. */
    public static double number(int column, String text) throws RuleException {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new RuleException(column, "expected a number, not '" + text + "'");
        }
        throw new RuleException(column, "expected a finite number, not '" + text + "'");
    }

    /** Octets: kB, MB and GB count by 1000, KiB, MiB and GiB by 1024. */
    public static double size(int column, String text) throws RuleException {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()
                || matcher.group(2).isEmpty() && !matcher.group(3).isEmpty()) {
            throw new RuleException(column, "expected a size such as 64kB or 25MB, not '" + text + "'");
        }
        double base = matcher.group(3).isEmpty() ? 1000 : 1024;
        int power =
                matcher.group(2).isEmpty() ? 0 : "kMG".indexOf(matcher.group(2).replace('K', 'k')) + 1;
        return Long.parseLong(matcher.group(1)) * Math.pow(base, power);
    }

    /** An expression of RE2, which takes linear time; repeats within repeats are bounded, or it would need much room. */
    public static Pattern expression(int column, String text) throws RuleException {
        long repeats = 1;
        Matcher matcher = REPEAT.matcher(text);
        while (matcher.find() && repeats <= MOST_REPEATS) {
            String most = matcher.group(2) == null || matcher.group(2).isEmpty() ? matcher.group(1) : matcher.group(2);
            repeats *= most.length() > 4 ? MOST_REPEATS + 1 : Math.max(1, Long.parseLong(most));
        }
        if (repeats > MOST_REPEATS || text.length() > LONGEST_EXPRESSION) {
            throw new RuleException(
                    column,
                    "a regular expression has at most " + LONGEST_EXPRESSION
                            + " characters, and counts of repeats whose product is at most " + MOST_REPEATS);
        }
        try {
            return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException e) {
            throw new RuleException(column, "not a regular expression of RE2: " + e.getDescription());
        }
    }

    /** A moment such as {@code 2026-12-01T00:00Z}, or a date, which is its first moment in UTC. */
    public static Instant time(int column, String text) throws RuleException {
        try {
            OffsetDateTime time = text.length() == "2026-12-01".length()
                    ? LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC)
                    : OffsetDateTime.parse(text);
            if (time.getYear() >= 1970 && time.getYear() <= 9999) {
                return time.toInstant();
            }
        } catch (DateTimeParseException e) {
            throw new RuleException(column, "expected a time such as 2026-12-01T00:00Z, not '" + text + "'");
        }
        throw new RuleException(column, "expected a year from 1970 to 9999, not '" + text + "'");
    }

    /**
     * A span such as {@code 30m}.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static Duration span(String text) {
        Matcher matcher = SPAN.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) == 0) {
            throw new IllegalArgumentException("expected a span such as 30m, 4h or 7d, not '" + text + "'");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
