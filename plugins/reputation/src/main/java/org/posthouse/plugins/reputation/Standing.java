// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.time.Duration;

/**
 * How somebody behaved: good and bad events, of which an old one counts less.
 *
 * @param good the sum of the good ones
 * @param bad the sum of the bad ones
 * @param seconds the time these sums are of, in seconds since 1970
 */
record Standing(double good, double bad, long seconds) {
    /** Of somebody who is not known. */
    static Standing none(long seconds) {
        return new Standing(0, 0, seconds);
    }

    /** The same at a later time: each half-life halves what an event counts. */
    Standing at(long now, Duration halfLife) {
        double lives = Math.max(0, now - seconds) / (double) Math.max(1, halfLife.toSeconds());
        double left = Math.pow(0.5, lives);
        return new Standing(good * left, bad * left, Math.max(now, seconds));
    }

    Standing and(double moreGood, double moreBad) {
        return new Standing(good + moreGood, bad + moreBad, seconds);
    }

    /** How much is known. */
    double samples() {
        return good + bad;
    }

    /** The share of good events: 0 is the worst, 1 the best, and what is known of nobody is 1. */
    double value() {
        return samples() == 0 ? 1 : good / samples();
    }

    /** As it is kept. */
    String text() {
        return decimal(good, 3) + " " + decimal(bad, 3) + " " + seconds;
    }

    /** A number that is not negative with so many decimals: a format would cost more than all else that is done for it. */
    static String decimal(double value, int places) {
        long one = 1;
        for (int i = 0; i < places; i++) {
            one *= 10;
        }
        long all = Math.round(value * one);
        // The one in front keeps the noughts behind the point.
        return all / one + "." + String.valueOf(one + all % one).substring(1);
    }

    /**
     * Reads what {@link #text()} wrote.
     *
     * @throws IllegalArgumentException when it is nothing of that kind
     */
    static Standing parse(String text) {
        String[] words = text.split(" ", -1);
        if (words.length != 3) {
            throw new IllegalArgumentException("Not a standing: " + text);
        }
        return new Standing(Double.parseDouble(words[0]), Double.parseDouble(words[1]), Long.parseLong(words[2]));
    }
}
