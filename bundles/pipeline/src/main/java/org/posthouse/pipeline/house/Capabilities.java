// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the Provide-Capability header of a manifest (OSGi Core 3.2.4) before anything is installed. */
final class Capabilities {
    private Capabilities() {}

    /** The attributes of every capability of this namespace; lists as they are written, joined by commas. */
    static List<Map<String, String>> of(String header, String namespace) {
        List<Map<String, String>> found = new ArrayList<>();
        for (String clause : split(header, ',')) {
            List<String> parts = split(clause, ';');
            if (parts.get(0).strip().equals(namespace)) {
                found.add(attributes(parts.subList(1, parts.size())));
            }
        }
        return found;
    }

    private static Map<String, String> attributes(List<String> parts) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String part : parts) {
            int equals = part.indexOf('=');
            if (equals < 1 || part.charAt(equals - 1) == ':') {
                continue; // a directive
            }
            String key = part.substring(0, equals).strip();
            int colon = key.indexOf(':');
            attributes.put(colon < 0 ? key : key.substring(0, colon), unquoted(part.substring(equals + 1)));
        }
        return attributes;
    }

    private static String unquoted(String value) {
        String text = value.strip();
        boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
        return (quoted ? text.substring(1, text.length() - 1) : text).replace("\\", "");
    }

    private static List<String> split(String text, char at) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == at && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }
}
