// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.load.Units.BadValue;

/** Turns text into the typed value of an attribute, or says what was expected. */
final class Conversion {
    private Conversion() {}

    /**
     * The typed value; for arrays and lists give every element to {@link #many}.
     *
     * @param data the folder in which relative files stand
     */
    static Object one(Attribute attribute, String raw, Path data) throws BadValue {
        String text = raw.strip();
        if (!attribute.options().isEmpty()) {
            return option(attribute, text);
        }
        if (text.isEmpty() && attribute.type().equals("String") && mayBeEmpty(attribute)) {
            return "";
        }
        String unit = attribute.unit();
        Object value = unit == null ? plain(attribute, raw, text) : Units.convert(unit, text, data);
        if (value instanceof Number number) {
            value = fit(attribute, number);
            range(attribute, number, data);
        }
        return value;
    }

    /** The array or list of typed values. */
    static Object many(Attribute attribute, List<Object> values) {
        if (attribute.cardinality() < 0) {
            return new ArrayList<>(values);
        }
        Object array = Array.newInstance(elementType(attribute.type()), values.size());
        for (int i = 0; i < values.size(); i++) {
            Array.set(array, i, values.get(i));
        }
        return array;
    }

    /** What the attribute takes, in words. */
    static String expected(Attribute attribute) {
        if (!attribute.options().isEmpty()) {
            return "one of "
                    + attribute.options().keySet().stream()
                            .map(Conversion::readable)
                            .collect(Collectors.joining(", "));
        }
        String unit = attribute.unit();
        return (unit != null ? Units.expected(unit) : kind(attribute.type())) + bounds(attribute);
    }

    /** An option as the operator writes it: constants of an enum in lower case with hyphens. */
    static String readable(String option) {
        return option.matches("[A-Z][A-Z0-9_]*")
                ? option.toLowerCase(Locale.ROOT).replace('_', '-')
                : option;
    }

    private static String kind(String type) {
        return switch (type) {
            case "Long", "Integer", "Short", "Byte" -> "a whole number";
            case "Double", "Float" -> "a number";
            case "Boolean" -> "true or false";
            case "Character", "Char" -> "a single character";
            default -> "a text";
        };
    }

    private static String bounds(Attribute attribute) {
        String min = attribute.min();
        String max = attribute.max();
        if (min != null && max != null) {
            return " from " + min + " to " + max;
        }
        return min != null ? " of at least " + min : max != null ? " of at most " + max : "";
    }

    private static boolean mayBeEmpty(Attribute attribute) {
        List<String> defaults = attribute.defaults();
        // An empty text means "not set" where the default says so; a password is checked by nobody but its user.
        return attribute.unit() == null || !attribute.required() || (defaults != null && defaults.contains(""));
    }

    private static String option(Attribute attribute, String text) throws BadValue {
        for (String option : attribute.options().keySet()) {
            if (option.equalsIgnoreCase(text) || readable(option).equalsIgnoreCase(text)) {
                return option;
            }
        }
        throw new BadValue(expected(attribute));
    }

    private static Object plain(Attribute attribute, String raw, String text) throws BadValue {
        try {
            return switch (attribute.type()) {
                case "Long", "Integer", "Short", "Byte" -> Long.valueOf(text);
                case "Double", "Float" -> finite(Double.parseDouble(text));
                case "Boolean" -> bool(text);
                case "Character", "Char" -> character(raw);
                default -> raw;
            };
        } catch (NumberFormatException e) {
            throw new BadValue(expected(attribute));
        }
    }

    private static Double finite(double value) {
        if (!Double.isFinite(value)) {
            throw new NumberFormatException("not finite");
        }
        return value;
    }

    private static Boolean bool(String text) throws BadValue {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new BadValue("true or false");
        };
    }

    private static Character character(String text) throws BadValue {
        if (text.length() != 1) {
            throw new BadValue("a single character");
        }
        return text.charAt(0);
    }

    private static Object fit(Attribute attribute, Number value) throws BadValue {
        long whole = value.longValue();
        Object fitted = switch (attribute.type()) {
            case "Integer" -> (int) whole;
            case "Short" -> (short) whole;
            case "Byte" -> (byte) whole;
            case "Float" -> value.floatValue();
            case "Double" -> value.doubleValue();
            default -> whole;
        };
        if (!(value instanceof Double) && ((Number) fitted).longValue() != whole) {
            throw new BadValue(expected(attribute) + ", within the bounds of " + attribute.type());
        }
        return fitted;
    }

    private static void range(Attribute attribute, Number value, Path data) throws BadValue {
        Double min = bound(attribute, attribute.min(), data);
        Double max = bound(attribute, attribute.max(), data);
        if ((min != null && value.doubleValue() < min) || (max != null && value.doubleValue() > max)) {
            throw new BadValue(expected(attribute));
        }
    }

    private static @Nullable Double bound(Attribute attribute, @Nullable String bound, Path data) throws BadValue {
        if (bound == null || bound.isBlank()) {
            return null;
        }
        String unit = attribute.unit();
        if (unit != null && !bound.matches("-?\\d+")) {
            return ((Number) Units.convert(unit, bound, data)).doubleValue();
        }
        return Double.valueOf(bound);
    }

    private static Class<?> elementType(String type) {
        return switch (type) {
            case "Long" -> Long.class;
            case "Integer" -> Integer.class;
            case "Short" -> Short.class;
            case "Byte" -> Byte.class;
            case "Double" -> Double.class;
            case "Float" -> Float.class;
            case "Boolean" -> Boolean.class;
            case "Character", "Char" -> Character.class;
            default -> String.class;
        };
    }
}
