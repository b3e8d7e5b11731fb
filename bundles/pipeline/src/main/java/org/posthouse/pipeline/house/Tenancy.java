// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.Generation;
import org.posthouse.pipeline.Guard;
import org.posthouse.pipeline.HookSpec;

/** A generation that serves, or that did and still has open transactions. */
final class Tenancy {
    private final Yard.Lodging lodging;
    private final int number;
    private final @Nullable Dictionary<String, Object> values;
    private final Map<HookSpec, Object> hooks;
    private final Map<HookSpec, Guard> guards = new HashMap<>();
    private final Generation generation;
    private final Instant since = Instant.now();

    Tenancy(
            Yard.Lodging lodging,
            int number,
            @Nullable Dictionary<String, Object> values,
            Map<HookSpec, Object> hooks) {
        this.lodging = lodging;
        this.number = number;
        this.values = values;
        this.hooks = Map.copyOf(hooks);
        hooks.keySet().forEach(spec -> guards.put(spec, new Guard()));
        PluginJar jar = lodging.jar();
        this.generation = new Generation(jar.name(), jar.version(), number + "@" + jar.shortHash());
    }

    Yard.Lodging lodging() {
        return lodging;
    }

    int number() {
        return number;
    }

    Map<HookSpec, Object> hooks() {
        return hooks;
    }

    Guard guard(HookSpec spec) {
        return Objects.requireNonNull(guards.get(spec));
    }

    Generation generation() {
        return generation;
    }

    PluginJar jar() {
        return lodging.jar();
    }

    /** The hooks of this one and of an older one, each once; what this one declares counts. */
    List<HookSpec> specs(@Nullable Tenancy older) {
        List<HookSpec> all = new ArrayList<>(jar().hooks());
        if (older != null) {
            older.jar().hooks().stream().filter(spec -> !declares(spec)).forEach(all::add);
        }
        return all;
    }

    private boolean declares(HookSpec spec) {
        return jar().hooks().stream()
                .anyMatch(own -> own.stage() == spec.stage() && own.name().equals(spec.name()));
    }

    /** When it began to serve. */
    Instant since() {
        return since;
    }

    /** Whether both are of the same jar. */
    boolean sameJar(Tenancy other) {
        return jar().hash().equals(other.jar().hash());
    }

    /** Whether this jar with these values is what serves already. */
    boolean is(PluginJar jar, @Nullable Dictionary<String, Object> other) {
        return lodging.jar().hash().equals(jar.hash()) && map(values).equals(map(other));
    }

    /** Values that can be compared: arrays as lists. */
    private static Map<String, Object> map(@Nullable Dictionary<String, Object> values) {
        Map<String, Object> map = new HashMap<>();
        if (values != null) {
            for (String key : Collections.list(values.keys())) {
                map.put(key, comparable(values.get(key)));
            }
        }
        return map;
    }

    private static Object comparable(Object value) {
        if (!value.getClass().isArray()) {
            return value;
        }
        Object[] copy = new Object[java.lang.reflect.Array.getLength(value)];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = java.lang.reflect.Array.get(value, i);
        }
        return java.util.Arrays.asList(copy);
    }
}
