// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.scorepolicy;

import java.util.HashMap;
import java.util.Map;

/**
 * By how much the points of a symbol are multiplied; 1 unless the operator says otherwise. A name that ends in {@code *}
 * means all symbols that begin so; the exact name wins, then the longest beginning.
 */
final class Weights {
    private final Map<String, Double> exact = new HashMap<>();
    private final Map<String, Double> beginnings = new HashMap<>();

    /**
     * Reads the lists.
     *
     * @param weights each {@code SYMBOL=factor}
     * @param ignored symbols that do not count, which is a factor of 0
     * @throws IllegalArgumentException when an entry is not of that form, or a symbol stands twice
     */
    Weights(String[] weights, String[] ignored) {
        for (String entry : weights) {
            int equals = entry.lastIndexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("weights: expected SYMBOL=factor, not '" + entry + "'");
            }
            put("weights", entry.substring(0, equals).strip(), factor(entry, entry.substring(equals + 1)));
        }
        for (String symbol : ignored) {
            put("ignore", symbol.strip(), 0);
        }
    }

    private static double factor(String entry, String text) {
        try {
            double factor = Double.parseDouble(text.strip());
            if (Double.isFinite(factor)) {
                return factor;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("weights: expected a number in '" + entry + "'", e);
        }
        throw new IllegalArgumentException("weights: expected a finite number in '" + entry + "'");
    }

    private void put(String key, String symbol, double factor) {
        boolean open = symbol.endsWith("*");
        String name = open ? symbol.substring(0, symbol.length() - 1) : symbol;
        if (symbol.isEmpty() || name.indexOf('*') >= 0) {
            throw new IllegalArgumentException(
                    key + ": expected a symbol, or the beginning of one with a * behind it," + " not '" + symbol + "'");
        }
        if ((open ? beginnings : exact).putIfAbsent(name, factor) != null) {
            throw new IllegalArgumentException(key + ": symbol '" + symbol + "' stands twice");
        }
    }

    /** The factor of a symbol. */
    double of(String symbol) {
        Double found = exact.get(symbol);
        for (int length = symbol.length(); found == null && length >= 0; length--) {
            found = beginnings.get(symbol.substring(0, length));
        }
        return found == null ? 1 : found;
    }
}
