// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.time.Instant;
import java.util.Locale;

/** The day of a rewritten address in two letters: days since 1970 modulo 1024 in base 32, as all who write SRS do it. */
final class Stamp {
    static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int CYCLE = 1024;
    private static final long DAY_SECONDS = 86_400;

    private Stamp() {}

    static String of(Instant time) {
        int day = day(time);
        return "" + LETTERS.charAt(day >> 5) + LETTERS.charAt(day & 31);
    }

    /** How many days ago it was, up to 1023; -1 when it is no stamp. One from tomorrow is of today: clocks of nodes differ. */
    static int age(String stamp, Instant now) {
        String letters = stamp.toUpperCase(Locale.ROOT);
        if (letters.length() != 2) {
            return -1;
        }
        int high = LETTERS.indexOf(letters.charAt(0));
        int low = LETTERS.indexOf(letters.charAt(1));
        if (high < 0 || low < 0) {
            return -1;
        }
        int age = Math.floorMod(day(now) - (high << 5 | low), CYCLE);
        return age == CYCLE - 1 ? 0 : age;
    }

    private static int day(Instant time) {
        return (int) Math.floorMod(Math.floorDiv(time.getEpochSecond(), DAY_SECONDS), (long) CYCLE);
    }
}
