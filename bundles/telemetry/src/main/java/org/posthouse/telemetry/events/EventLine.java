// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.telemetry.Json;

/**
 * An event as one line of JSON: {@code type} in lower case with hyphens, {@code at} in UTC with milliseconds, {@code seq},
 * which numbers all events of the log, then the facts.
 */
final class EventLine {
    private static final DateTimeFormatter AT = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Set<String> OURS = Set.of("type", "at", "seq");
    private static final Map<Event.Type, String> TYPES = types();

    private EventLine() {}

    /** The name of a type in the log and in labels. */
    static String name(Event.Type type) {
        return TYPES.getOrDefault(type, "");
    }

    /** The type of this name, or null. */
    static Event.@Nullable Type type(String name) {
        for (Event.Type type : Event.Type.values()) {
            if (name(type).equals(name)) {
                return type;
            }
        }
        return null;
    }

    /** Appends the line with its end. */
    static void append(StringBuilder out, Event event, long sequence) {
        out.append("{\"type\":\"").append(name(event.type())).append("\",\"at\":\"");
        AT.formatTo(event.at(), out);
        out.append("\",\"seq\":").append(sequence);
        event.facts().forEach((name, value) -> {
            // Names are unique in the object: these are ours.
            Json.name(out, OURS.contains(name) ? "fact-" + name : name);
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
