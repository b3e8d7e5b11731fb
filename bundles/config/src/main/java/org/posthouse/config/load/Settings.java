// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One configuration, checked and converted.
 *
 * @param pid the PID or factory PID
 * @param name the name below a factory PID, else empty
 * @param values what the component receives, by the ids of metatype
 * @param lines what the operator is shown, in the order of metatype
 */
public record Settings(String pid, String name, Map<String, Object> values, List<Line> lines) {
    public Settings {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        lines = List.copyOf(lines);
    }

    /** One effective value as text, masked when it is a secret, with its origin. */
    public record Line(String key, List<String> texts, boolean list, String origin) {
        public Line {
            texts = List.copyOf(texts);
        }
    }

    /** The PID as ConfigurationAdmin knows it. */
    public String fullPid() {
        return name.isEmpty() ? pid : pid + "~" + name;
    }

    /** The same with another value. */
    public Settings with(String id, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        changed.put(id, value);
        return new Settings(pid, name, changed, lines);
    }

    /** A hash of all values; equal when and only when the component would receive the same. */
    public String revision() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(values).forEach((id, value) -> append(text.append(id).append('='), value));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private static void append(StringBuilder text, Object value) {
        text.append(value.getClass().getSimpleName()).append(':');
        if (value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                append(text, Array.get(value, i));
            }
        } else {
            String written = value.toString();
            text.append(written.length()).append(':').append(written);
        }
        text.append(';');
    }
}
