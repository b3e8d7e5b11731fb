// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value as the operator wrote it, with the place where it was written. */
public sealed interface Value {
    /** The file and line, or the variable, it comes from. */
    String origin();

    /** A scalar; its type is not known before metatype is asked. */
    record Text(String text, String origin) implements Value {}

    /** A list of scalars. */
    record Items(List<Text> items, String origin) implements Value {
        public Items {
            items = List.copyOf(items);
        }
    }

    /** Named values in the order of the file. */
    record Section(Map<String, Value> entries, String origin) implements Value {
        public Section {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }
    }

    /** An explicit null: takes away what an earlier file said. */
    record Nothing(String origin) implements Value {}
}
