// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.operator;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What an operator gave a command, by the names of its parameters. */
public final class Arguments {
    private final Map<String, List<String>> values;

    private Arguments(Map<String, List<String>> values) {
        this.values = values;
    }

    /** Arguments of these values; a flag that is set has an empty list. */
    public static Arguments of(Map<String, List<String>> values) {
        Map<String, List<String>> copy = new TreeMap<>();
        values.forEach((name, list) -> copy.put(name, List.copyOf(list)));
        return new Arguments(copy);
    }

    /** The value of a required text or secret; empty when it is not a parameter of the command. */
    public String text(String name) {
        return optional(name).orElse("");
    }

    /** The value of an optional text. */
    public Optional<String> optional(String name) {
        return list(name).stream().findFirst();
    }

    /** The values of a list, in order. */
    public List<String> list(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** Whether a flag is set. */
    public boolean flag(String name) {
        return values.containsKey(name);
    }

    /** The names alone: values may be secret. */
    @Override
    public String toString() {
        return values.keySet().toString();
    }
}
