// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The standings that share one value of the shared state: lines of name and standing, separated by a blank.
 *
 * @param all by name; names have no blanks
 */
record Shelf(Map<String, Standing> all) {
    /** Reads what {@link #text()} wrote; what is damaged is nobody's standing. */
    static Shelf parse(@Nullable String text) {
        Map<String, Standing> all = new LinkedHashMap<>();
        if (text != null) {
            text.lines().forEach(line -> {
                int blank = line.indexOf(' ');
                if (blank > 0) {
                    standing(line.substring(blank + 1)).ifPresent(one -> all.put(line.substring(0, blank), one));
                }
            });
        }
        return new Shelf(all);
    }

    private static Optional<Standing> standing(String text) {
        try {
            return Optional.of(Standing.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The standing of a name in what {@link #text()} wrote, without reading the others. */
    static Optional<Standing> find(String text, String name) {
        int start = text.startsWith(name + " ") ? 0 : text.indexOf("\n" + name + " ") + 1;
        if (start == 0 && !text.startsWith(name + " ")) {
            return Optional.empty();
        }
        int end = text.indexOf('\n', start);
        return standing(text.substring(start + name.length() + 1, end < 0 ? text.length() : end));
    }

    String text() {
        return all.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue().text())
                .collect(Collectors.joining("\n"));
    }
}
