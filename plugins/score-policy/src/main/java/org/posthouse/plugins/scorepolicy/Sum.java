// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.scorepolicy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The weighted scores of a transaction and what they add up to, rounded to three places, so that a threshold of 0.3 is
 * reached by three times 0.1.
 *
 * @param points the sum
 * @param parts what counted, the largest first, whichever its sign
 */
record Sum(double points, List<Part> parts) {
    /** Far beyond every threshold; keeps sums finite. */
    private static final double MOST = 1e9;

    /** What one symbol added. */
    record Part(String symbol, double points) {}

    Sum {
        parts = List.copyOf(parts);
    }

    /** Adds up; what is not a number does not count. */
    static Sum of(Map<String, Double> scores, Weights weights) {
        List<Part> parts = new ArrayList<>(scores.size());
        double sum = 0;
        for (Map.Entry<String, Double> score : scores.entrySet()) {
            double points = score.getValue() * weights.of(score.getKey());
            if (!Double.isNaN(points) && points != 0) {
                double bounded = Math.clamp(points, -MOST, MOST);
                parts.add(new Part(score.getKey(), bounded));
                sum += bounded;
            }
        }
        parts.sort(Comparator.comparingDouble((Part part) -> -Math.abs(part.points()))
                .thenComparing(Part::symbol));
        return new Sum(Math.round(sum * 1000) / 1000.0, parts);
    }

    /** The sum with two places, whatever the language of the server. */
    String rounded() {
        return text(points);
    }

    /** The symbols that counted most with their points, such as {@code DNSBL_X 3.00, SPF_FAIL 1.50}. */
    String top(int most) {
        List<String> texts = new ArrayList<>();
        parts.stream().limit(most).forEach(part -> texts.add(printable(part.symbol()) + " " + text(part.points())));
        if (parts.size() > most) {
            texts.add("and " + (parts.size() - most) + " more");
        }
        return String.join(", ", texts);
    }

    private static String text(double points) {
        return String.format(Locale.ROOT, "%.2f", points);
    }

    /** A symbol as it may stand in a header: hooks may put anything into it. */
    private static String printable(String symbol) {
        String text = symbol.length() > 60 ? symbol.substring(0, 60) : symbol;
        return text.replaceAll("[^!-+\\--~]", "_");
    }
}
