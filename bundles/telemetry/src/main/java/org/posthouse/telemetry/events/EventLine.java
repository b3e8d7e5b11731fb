// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.posthouse.api.Event;
import org.posthouse.telemetry.Json;

/**
 * An event as one line of JSON: {@code type} in lower case with hyphens, {@code at} in UTC with milliseconds, then the
 * facts.
 */
final class EventLine {
    private static final DateTimeFormatter AT = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Map<Event.Type, String> TYPES = types();

    private EventLine() {}

    /** The name of a type in the log and in labels. */
    static String name(Event.Type type) {
        return TYPES.getOrDefault(type, "");
    }

    /** Appends the line with its end. */
    static void append(StringBuilder out, Event event) {
        out.append("{\"type\":\"").append(name(event.type())).append("\",\"at\":\"");
        AT.formatTo(event.at(), out);
        out.append('"');
        event.facts().forEach((name, value) -> {
            // Names are unique in the object: type and at are ours.
            Json.name(out, name.equals("type") || name.equals("at") ? "fact-" + name : name);
            if (value instanceof Long || value instanceof Integer || value instanceof Boolean) {
                out.append(value);
            } else {
                Json.quote(out, String.valueOf(value));
            }
        });
        out.append("}\n");
    }

    private static Map<Event.Type, String> types() {
        Map<Event.Type, String> names = new EnumMap<>(Event.Type.class);
        for (Event.Type type : Event.Type.values()) {
            names.put(type, type.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return names;
    }
}
