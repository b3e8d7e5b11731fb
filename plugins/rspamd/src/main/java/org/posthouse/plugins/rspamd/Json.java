// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object of JSON whose members are asked for by name and type; what is not there, or of another type, is empty. */
record Json(Map<String, Object> members) {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            // Names are of the other side: none is kept for the next answer.
            .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNumberLength(100)
                    .build())
            .build();

    private static final Json NONE = new Json(Map.of());

    /**
     * Reads an object.
     *
     * @throws IOException when it is none
     */
    static Json read(byte[] octets) throws IOException {
        try (JsonParser parser = FACTORY.createParser(octets)) {
            parser.nextToken();
            Object value = value(parser);
            if (value instanceof Map<?, ?> && parser.nextToken() == null) {
                return of(value);
            }
            throw new IOException("the answer is no JSON object");
        }
    }

    /** Null for what has no value of interest. */
    private static @Nullable Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new IOException("the answer ends in the middle");
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            Object value = value(parser);
            if (value != null) {
                object.put(name, value);
            }
        }
        return object;
    }

    private static List<Object> array(JsonParser parser) throws IOException {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object value = value(parser);
            if (value != null) {
                array.add(value);
            }
        }
        return array;
    }

    /** A value as an object; an empty one when it is none. */
    static Json of(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return NONE;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((name, member) -> members.put(String.valueOf(name), member));
        return new Json(members);
    }

    Json object(String name) {
        return of(members.get(name));
    }

    /** A text; of several texts the first. */
    String text(String name) {
        return list(name).stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst()
                .orElse("");
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(members.get(name));
    }

    double number(String name) {
        return members.get(name) instanceof Double number && Double.isFinite(number) ? number : 0;
    }

    /** The elements of an array; a single value counts as an array of one. */
    List<Object> list(String name) {
        return elements(members.get(name));
    }

    /** The elements of a value that may be an array. */
    static List<Object> elements(@Nullable Object value) {
        return value == null ? List.of() : value instanceof List<?> list ? List.copyOf(list) : List.of(value);
    }
}
