// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What metatype says of one top-level key (an object class definition and its designate).
 *
 * @param pid the PID, which is the top-level key
 * @param factory whether the key holds a map of named things
 * @param ours whether the bundle is part of Posthouse, so that defaults are filled in and it is always configured
 * @param name a readable name
 * @param description one sentence, or empty
 * @param attributes the keys below it, in the order of the declaration
 */
public record Ocd(
        String pid, boolean factory, boolean ours, String name, String description, Map<String, Attribute> attributes) {
    public Ocd {
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /** Whether it works when nothing is said of it; a section that must be given something is left out as a whole. */
    boolean complete() {
        return attributes.values().stream().allMatch(a -> a.internal() || !a.required() || a.defaults() != null);
    }

    /** Both in one: several components may share a PID. The first declaration of a key counts. */
    Ocd merge(Ocd other) {
        Map<String, Attribute> all = new LinkedHashMap<>(other.attributes);
        all.putAll(attributes);
        Map<String, Attribute> ordered = new LinkedHashMap<>(attributes);
        all.forEach(ordered::putIfAbsent);
        String text = description.isEmpty() ? other.description : description;
        return new Ocd(pid, factory || other.factory, ours || other.ours, name, text, ordered);
    }
}
