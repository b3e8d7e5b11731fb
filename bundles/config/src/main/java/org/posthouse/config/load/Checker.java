// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.load.Settings.Line;
import org.posthouse.config.load.Units.BadValue;

/** Checks flat values against metatype, fills in the defaults and converts; collects all findings. */
final class Checker {
    private static final String MASK = "********";
    private static final String DEFAULT = "default";

    private final Ocd ocd;
    private final String path;
    private final Path data;
    private final List<Finding> findings;
    private final Map<String, Object> converted = new LinkedHashMap<>();
    private final List<Line> lines = new ArrayList<>();

    private Checker(Ocd ocd, String path, Path data, List<Finding> findings) {
        this.ocd = ocd;
        this.path = path;
        this.data = data;
        this.findings = findings;
    }

    /**
     * The settings of one configuration.
     *
     * @param name its name below a factory PID, else empty
     * @param origin where it was written
     * @param data the folder in which relative files stand
     */
    static Settings check(
            Ocd ocd, String name, String origin, Map<String, Value> values, Path data, List<Finding> findings) {
        String path = name.isEmpty() ? ocd.pid() : ocd.pid() + "." + name;
        Checker checker = new Checker(ocd, path, data, findings);
        checker.unknown(values);
        ocd.attributes().values().stream()
                .filter(attribute -> !attribute.internal())
                .forEach(attribute -> {
                    if (attribute.named()) {
                        checker.named(attribute, values, origin);
                    } else {
                        checker.attribute(attribute, values.get(attribute.key()), origin);
                    }
                });
        return new Settings(ocd.pid(), name, checker.converted, checker.lines);
    }

    private void unknown(Map<String, Value> values) {
        List<String> known = ocd.attributes().values().stream()
                .filter(attribute -> !attribute.internal())
                .map(Attribute::key)
                .toList();
        values.forEach((key, value) -> {
            if (!known.contains(key) && !below(key)) {
                report(value.origin(), key, "unknown key" + Nearest.hint(key, known));
            }
        });
    }

    private boolean below(String key) {
        return ocd.attributes().values().stream()
                .anyMatch(attribute -> attribute.named() && key.startsWith(attribute.key() + "."));
    }

    private void named(Attribute attribute, Map<String, Value> values, String origin) {
        String prefix = attribute.key() + ".";
        Value whole = values.get(attribute.key());
        List<Object> all = new ArrayList<>();
        boolean given = false;
        for (Map.Entry<String, Value> entry : values.entrySet()) {
            if (entry.getKey().startsWith(prefix)) {
                given = true;
                named(attribute, entry.getKey(), entry.getValue(), all);
            }
        }
        if (whole != null) {
            report(whole.origin(), attribute.key(), "expected " + expected(attribute));
        } else if (!given && attribute.required() && ocd.ours()) {
            report(origin, attribute.key(), "is missing; expected " + expected(attribute));
        }
        converted.put(attribute.id(), Conversion.many(attribute, all));
    }

    private void named(Attribute attribute, String key, Value value, List<Object> all) {
        if (value instanceof Value.Text text) {
            try {
                Object one = Conversion.one(attribute, text.text(), data);
                all.add(key.substring(attribute.key().length() + 1) + "=" + one);
                lines.add(new Line(key, List.of(masked(text.text())), false, text.origin()));
            } catch (BadValue e) {
                report(text.origin(), key, "expected " + e.expected() + ", not " + quote(text.text()));
            }
        } else {
            report(value.origin(), key, "expected " + Conversion.expected(attribute) + ", not a list");
        }
    }

    private void attribute(Attribute attribute, @Nullable Value value, String origin) {
        if (value == null) {
            absent(attribute, origin);
        } else if (attribute.many()) {
            many(attribute, value);
        } else if (value instanceof Value.Text text) {
            Object one = convert(attribute, text);
            if (one != null) {
                converted.put(attribute.id(), one);
                lines.add(line(attribute, List.of(text.text()), text.origin()));
            }
        } else {
            report(value.origin(), attribute.key(), "expected " + Conversion.expected(attribute) + ", not a list");
        }
    }

    private void absent(Attribute attribute, String origin) {
        List<String> defaults = attribute.defaults();
        if (!ocd.ours()) {
            // Others' defaults are left to their owners, who may compute them.
            return;
        }
        if (defaults == null && attribute.required()) {
            report(origin, attribute.key(), "is missing; expected " + expected(attribute));
        } else if (attribute.many()) {
            List<Value.Text> items = (defaults == null ? List.<String>of() : defaults)
                    .stream().map(text -> new Value.Text(text, DEFAULT)).toList();
            many(attribute, new Value.Items(items, DEFAULT));
        } else if (defaults != null) {
            attribute(attribute, new Value.Text(defaults.get(0), DEFAULT), origin);
        }
    }

    private void many(Attribute attribute, Value value) {
        if (!(value instanceof Value.Items items)) {
            report(value.origin(), attribute.key(), "expected " + expected(attribute));
            return;
        }
        List<Object> all = new ArrayList<>();
        for (Value.Text item : items.items()) {
            Object one = convert(attribute, item);
            if (one != null) {
                all.add(one);
            }
        }
        // The least int has no positive counterpart.
        int most = Math.abs(Math.max(attribute.cardinality(), -Integer.MAX_VALUE));
        if (all.size() > most) {
            report(value.origin(), attribute.key(), "expected at most " + most + " values");
        }
        converted.put(attribute.id(), Conversion.many(attribute, all));
        lines.add(line(attribute, items.items().stream().map(Value.Text::text).toList(), items.origin()));
    }

    private @Nullable Object convert(Attribute attribute, Value.Text text) {
        try {
            return Conversion.one(attribute, text.text(), data);
        } catch (BadValue e) {
            String got = attribute.secret() ? "" : ", not " + quote(text.text());
            report(text.origin(), attribute.key(), "expected " + e.expected() + got);
            return null;
        }
    }

    private static String expected(Attribute attribute) {
        String one = Conversion.expected(attribute);
        return attribute.named()
                ? "a map of names, each with " + one
                : attribute.many() ? "a list such as [a, b], each " + one : one;
    }

    private static String quote(String text) {
        String line = masked(text.replaceAll("\\s+", " "));
        return '"' + (line.length() > 60 ? line.substring(0, 60) + "…" : line) + '"';
    }

    private static Line line(Attribute attribute, List<String> texts, String origin) {
        List<String> shown = texts.stream()
                .map(text -> attribute.options().isEmpty() ? text : Conversion.readable(text))
                .map(text -> attribute.secret() && !text.isEmpty() ? MASK : masked(text))
                .toList();
        return new Line(attribute.key(), shown, attribute.many(), origin);
    }

    /** Without the user and password of a URI. */
    private static String masked(String text) {
        return text.replaceAll("//[^/@\\s]+@", "//" + MASK + "@");
    }

    private void report(String origin, String key, String message) {
        findings.add(new Finding(origin, path + "." + key, message));
    }
}
