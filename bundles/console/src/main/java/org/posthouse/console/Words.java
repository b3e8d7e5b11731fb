// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.posthouse.spool.spi.State;

/** How values are put into words for people. */
final class Words {
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Words() {}

    static String state(State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String time(Instant time) {
        return UTC.format(time);
    }

    /** When something is due, seen from now: {@code in 4 min}, {@code now}. */
    static String due(Instant due, Instant now) {
        Duration left = Duration.between(now, due);
        return left.isPositive() ? "in " + span(left) : "now";
    }

    static String span(Duration span) {
        if (span.toDays() >= 2) {
            return span.toDays() + " d";
        }
        if (span.toHours() >= 2) {
            return span.toHours() + " h";
        }
        return span.toMinutes() >= 2 ? span.toMinutes() + " min" : Math.max(1, span.toSeconds()) + " s";
    }

    static String size(long octets) {
        if (octets < 1000) {
            return octets + " B";
        }
        double value = octets;
        String[] units = {"kB", "MB", "GB", "TB"};
        int unit = -1;
        while (value >= 999.95 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    static String millis(long micros) {
        return String.format(Locale.ROOT, "%,.3f ms", micros / 1000.0);
    }

    /** A text from outside as one line of the log. */
    static String line(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String count(long number, String one) {
        return count(number) + " " + one + (number == 1 ? "" : "s");
    }
}
