// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What metatype says of one key.
 *
 * @param id the name of the property the component receives; a leading dot keeps it off the service properties
 * @param type the type of metatype, such as {@code String} or {@code Long}
 * @param cardinality 0 for one value, positive for an array, negative for a list
 * @param defaults the default, or null when there is none
 * @param required whether a value must be given
 * @param min the least value, or null
 * @param max the greatest value, or null
 * @param options the values allowed, with their labels; empty when all are
 * @param unit the name of the {@code Unit.Kind}, or null
 * @param description one sentence
 */
public record Attribute(
        String id,
        String type,
        int cardinality,
        @Nullable List<String> defaults,
        boolean required,
        @Nullable String min,
        @Nullable String max,
        Map<String, String> options,
        @Nullable String unit,
        String description) {
    /** The place of an entry among its siblings in the file. */
    public static final String ORDER = ".order";

    /** The name of an entry. */
    public static final String NAME = ".name";

    private static final Set<String> SECRET_WORDS = Set.of("password", "passwd", "token", "key", "secret", "pass");

    /** The key as the operator writes it. */
    public String key() {
        String key = id.startsWith(".") ? id.substring(1) : id;
        return named() ? key.substring(0, key.length() - 1) : key;
    }

    /** Whether the key holds a map of names to values, which arrives as {@code name=value}; the id then ends in a dot. */
    public boolean named() {
        return many() && id.length() > 1 && id.endsWith(".");
    }

    /** Whether the value is filled in by the loader and no key of the operator's. */
    public boolean internal() {
        return id.equals(ORDER) || id.equals(NAME);
    }

    /** Whether the key takes several values. */
    public boolean many() {
        return cardinality != 0;
    }

    /** Whether the value is never shown. */
    public boolean secret() {
        return id.startsWith(".") || type.equals("Password") || secret(id);
    }

    /** Whether a key is named like a secret: {@code password}, {@code apiToken}, {@code tls.key}. */
    public static boolean secret(String key) {
        for (String word : key.split("(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")) {
            if (SECRET_WORDS.contains(word.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }
}
