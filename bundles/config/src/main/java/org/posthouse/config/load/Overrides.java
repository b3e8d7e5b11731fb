// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values from {@code POSTHOUSE_*} variables and {@code --set}, which win over all files.
 *
 * <p>{@code POSTHOUSE_SMTP_MX_ADDRESS} is {@code smtp.mx.address}: upper case, everything else an underscore. Which key
 * is meant is found by comparing with metatype. Lists are separated by commas.
 */
final class Overrides {
    private static final String PREFIX = "POSTHOUSE_";

    /** Variables of the scripts and the command line client, which are no settings. */
    private static final Set<String> RESERVED = Set.of(
            "HOME",
            "HEAP",
            "OPTS",
            "JAVA",
            "JAVA_HOME",
            "JAVA_OPTS",
            "JVM_OPTS",
            "CONFIG",
            "CONFIG_DIR",
            "CONFIG_FILES",
            "ENV",
            "DATA",
            "API",
            "URL",
            "USER",
            "TOKEN",
            "PASSWORD",
            "VERSION",
            "DEBUG");

    /** What Kubernetes sets for every service whose name begins with ours. */
    private static final Pattern KUBERNETES =
            Pattern.compile("(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT_\\d+_(?:TCP|UDP|SCTP)(?:_.*)?)");

    private final Schema schema;
    private final List<Finding> findings;
    private final Map<String, Map<String, Assignment>> plugins = new LinkedHashMap<>();

    /** A key that some plugin's metatype must know, and its text. */
    private record Assignment(String key, boolean variable, Value.Text text) {}

    Overrides(Schema schema, List<Finding> findings) {
        this.schema = schema;
        this.findings = findings;
    }

    /** Writes the overrides of the engine into the drafts and keeps those of plugins for {@link #plugin}. */
    void apply(Request request, Drafts drafts, Collection<String> pluginNames) {
        new TreeMap<>(request.environment()).forEach((name, text) -> {
            if (name.startsWith(PREFIX) && !foreign(name.substring(PREFIX.length()), text)) {
                apply(name.substring(PREFIX.length()), true, new Value.Text(text, name), drafts, pluginNames);
            }
        });
        new TreeMap<>(request.sets())
                .forEach((key, text) -> apply(key, false, new Value.Text(text, "--set " + key), drafts, pluginNames));
    }

    /** The overrides of a plugin, by the keys it declares. */
    Map<String, Value> plugin(String name, Ocd ocd, List<Finding> wrong) {
        Map<String, Value> values = new LinkedHashMap<>();
        plugins.getOrDefault(name, Map.of()).values().forEach(assignment -> {
            Attribute attribute = attribute(ocd, assignment.key(), spelling(assignment.variable()));
            if (attribute == null) {
                wrong.add(unknown(
                        assignment.text(), assignment.key(), ocd.attributes().keySet()));
            } else {
                values.put(attribute.key(), value(attribute, assignment.text()));
            }
        });
        return values;
    }

    /** The plugins that are configured by overrides. */
    Set<String> plugins() {
        return plugins.keySet();
    }

    private static boolean foreign(String name, String text) {
        return RESERVED.contains(name) || KUBERNETES.matcher(name).matches() || text.startsWith("tcp://");
    }

    private void apply(String path, boolean variable, Value.Text text, Drafts drafts, Collection<String> pluginNames) {
        UnaryOperator<String> spelling = spelling(variable);
        String separator = variable ? "_" : ".";
        Ocd ocd = longest(schema.all().values(), pid -> spelling.apply(pid.pid()) + separator, path);
        String rest = ocd == null ? "" : path.substring(ocd.pid().length() + 1);
        if (ocd != null && engine(ocd, rest, spelling, separator, text, drafts)) {
            return;
        }
        String plugins = spelling.apply(Drafts.PLUGINS) + separator;
        if (path.startsWith(plugins) && plugin(path.substring(plugins.length()), variable, text, pluginNames)) {
            return;
        }
        Collection<String> known = ocd == null
                ? schema.all().keySet()
                : ocd.attributes().keySet().stream().map(spelling).toList();
        findings.add(unknown(text, ocd == null ? path : rest, known));
    }

    private boolean engine(
            Ocd ocd, String rest, UnaryOperator<String> spelling, String separator, Value.Text text, Drafts drafts) {
        if (!ocd.factory()) {
            Attribute attribute = attribute(ocd, rest, spelling);
            if (attribute != null && !attribute.named()) {
                drafts.put(ocd.pid(), Drafts.SINGLE, attribute.key(), value(attribute, text));
                return true;
            }
            return named(ocd, rest, spelling, separator, text, drafts);
        }
        for (Attribute attribute : longestFirst(ocd)) {
            String suffix = separator + spelling.apply(attribute.key());
            if (rest.endsWith(suffix) && rest.length() > suffix.length()) {
                String spelled = rest.substring(0, rest.length() - suffix.length());
                String name = drafts.of(ocd.pid()).keySet().stream()
                        .filter(known -> spelling.apply(known).equals(spelled))
                        .findFirst()
                        .orElse(separator.equals("_") ? readable(spelled) : spelled);
                drafts.put(ocd.pid(), name, attribute.key(), value(attribute, text));
                return true;
            }
        }
        return false;
    }

    /** One entry of a map: {@code cluster.members.a}, {@code POSTHOUSE_CLUSTER_MEMBERS_A}. */
    private boolean named(
            Ocd ocd, String rest, UnaryOperator<String> spelling, String separator, Value.Text text, Drafts drafts) {
        for (Attribute attribute : longestFirst(ocd)) {
            String prefix = spelling.apply(attribute.key()) + separator;
            if (attribute.named() && rest.startsWith(prefix) && rest.length() > prefix.length()) {
                String spelled = rest.substring(prefix.length());
                String name = separator.equals("_") ? readable(spelled) : spelled;
                drafts.put(ocd.pid(), Drafts.SINGLE, attribute.key() + "." + name, text);
                return true;
            }
        }
        return false;
    }

    private boolean plugin(String rest, boolean variable, Value.Text text, Collection<String> pluginNames) {
        UnaryOperator<String> spelling = spelling(variable);
        String separator = variable ? "_" : ".";
        String name = longest(pluginNames, known -> spelling.apply(known) + separator, rest);
        if (name == null) {
            return false;
        }
        String key = rest.substring(name.length() + 1);
        plugins.computeIfAbsent(name, n -> new LinkedHashMap<>()).put(key, new Assignment(key, variable, text));
        return true;
    }

    private static <T> @Nullable T longest(Collection<T> all, Function<T, String> prefix, String text) {
        return all.stream()
                .filter(one -> text.startsWith(prefix.apply(one)))
                .max(Comparator.comparingInt(one -> prefix.apply(one).length()))
                .orElse(null);
    }

    private static @Nullable Attribute attribute(Ocd ocd, String key, UnaryOperator<String> spelling) {
        return ocd.attributes().values().stream()
                .filter(attribute ->
                        !attribute.internal() && spelling.apply(attribute.key()).equals(key))
                .findFirst()
                .orElse(null);
    }

    private static List<Attribute> longestFirst(Ocd ocd) {
        List<Attribute> attributes = new ArrayList<>(ocd.attributes().values());
        attributes.removeIf(Attribute::internal);
        attributes.sort(Comparator.comparingInt(attribute -> -attribute.key().length()));
        return attributes;
    }

    private static Finding unknown(Value.Text text, String key, Collection<String> known) {
        return new Finding(text.origin(), key, "unknown key" + Nearest.hint(key, new TreeSet<>(known)));
    }

    private static Value value(Attribute attribute, Value.Text text) {
        if (!attribute.many()) {
            return text;
        }
        String list = text.text().strip();
        if (list.startsWith("[") && list.endsWith("]")) {
            list = list.substring(1, list.length() - 1);
        }
        return new Value.Items(
                Arrays.stream(list.split(","))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .map(item -> new Value.Text(item, text.origin()))
                        .toList(),
                text.origin());
    }

    private static UnaryOperator<String> spelling(boolean variable) {
        return variable ? Overrides::variable : UnaryOperator.identity();
    }

    private static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static String readable(String variable) {
        return variable.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
