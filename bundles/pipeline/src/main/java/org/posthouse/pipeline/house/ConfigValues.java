// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads single values of ConfigurationAdmin, which the configuration bundle has checked and converted. */
final class ConfigValues {
    private ConfigValues() {}

    static long number(@Nullable Object value, long otherwise) {
        return value instanceof Number number ? number.longValue() : otherwise;
    }

    static String text(@Nullable Object value, String otherwise) {
        return value == null ? otherwise : value.toString();
    }

    static List<String> texts(@Nullable Object value) {
        if (value instanceof String[] texts) {
            return List.of(texts);
        }
        if (value instanceof Iterable<?> many) {
            List<String> texts = new ArrayList<>();
            many.forEach(text -> texts.add(String.valueOf(text)));
            return texts;
        }
        return value instanceof String one && !one.isBlank() ? List.of(one.strip()) : List.of();
    }
}
