// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Address;

/** Mappings, of which one applies to an address: that of the whole address, else the first with a star that fits. */
final class Mappings {
    private final Map<String, Address> single = new HashMap<>();
    private final List<Mapping> many = new ArrayList<>();

    /**
     * Reads them all, in order.
     *
     * @param texts each {@code from -> to}
     * @param place names the place of a text, counted from 0, for findings
     * @throws IllegalArgumentException when one is none, or one stands there twice; the message has the findings
     */
    static Mappings parse(List<String> texts, Place place) {
        Mappings mappings = new Mappings();
        List<String> findings = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            try {
                mappings.add(Mapping.parse(texts.get(i)));
            } catch (IllegalArgumentException e) {
                findings.add(place.of(i) + ": " + e.getMessage());
            }
        }
        if (!findings.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", findings.subList(0, Math.min(findings.size(), 10))));
        }
        return mappings;
    }

    /** Names the place of a mapping. */
    @FunctionalInterface
    interface Place {
        String of(int index);
    }

    private void add(Mapping mapping) {
        if (!mapping.single()) {
            many.add(mapping);
        } else if (single.putIfAbsent(key(mapping.from()), mapping.to()) != null) {
            throw new IllegalArgumentException("'" + mapping.from() + "' stands there twice");
        }
    }

    private static String key(Address address) {
        return address.toString().toLowerCase(Locale.ROOT);
    }

    boolean none() {
        return single.isEmpty() && many.isEmpty();
    }

    Optional<Address> of(Address address) {
        if (!single.isEmpty()) {
            Address to = single.get(key(address));
            if (to != null) {
                return Optional.of(to);
            }
        }
        for (Mapping mapping : many) {
            Optional<Address> to = mapping.of(address);
            if (to.isPresent()) {
                return to;
            }
        }
        return Optional.empty();
    }
}
