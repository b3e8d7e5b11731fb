// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import org.posthouse.pipeline.HookSpec;

/**
 * The order of one stage: what the operator listed, then what hooks declare by after and before, then the service ranking,
 * then the name.
 */
final class Order {
    private static final String ALL = "*";

    private final Map<String, HookSpec> hooks = new HashMap<>();
    private final Map<String, Set<String>> later = new HashMap<>();
    private final List<String> listed;

    private Order(List<HookSpec> specs, List<String> explicit) {
        specs.forEach(spec -> hooks.put(spec.name(), spec));
        listed = explicit.stream().filter(hooks::containsKey).toList();
    }

    /**
     * Sorts.
     *
     * @param specs the hooks of one stage
     * @param explicit names in the order that the operator wants
     * @param key the key of the explicit list, to name it
     * @throws HouseException when hooks wait for each other
     */
    static List<HookSpec> sort(List<HookSpec> specs, List<String> explicit, String key) throws HouseException {
        if (new HashSet<>(explicit).size() < explicit.size()) {
            throw new HouseException(key + " names a hook twice: " + explicit);
        }
        Order order = new Order(specs, explicit);
        order.edges();
        return order.sorted(key);
    }

    private void edges() {
        for (int i = 1; i < listed.size(); i++) {
            edge(listed.get(i - 1), listed.get(i));
        }
        for (HookSpec spec : hooks.values()) {
            spec.after().stream().filter(n -> !n.equals(ALL)).forEach(other -> declared(other, spec.name()));
            spec.before().stream().filter(n -> !n.equals(ALL)).forEach(other -> declared(spec.name(), other));
        }
        // What stands last or first of all gives way to those that name it.
        for (HookSpec spec : hooks.values()) {
            for (String other : hooks.keySet()) {
                if (spec.after().contains(ALL) && !hooks.get(other).after().contains(ALL)) {
                    starred(other, spec.name());
                }
                if (spec.before().contains(ALL) && !hooks.get(other).before().contains(ALL)) {
                    starred(spec.name(), other);
                }
            }
        }
    }

    private void declared(String first, String second) {
        boolean overridden = listed.contains(first) && listed.contains(second);
        if (hooks.containsKey(first) && hooks.containsKey(second) && !overridden) {
            edge(first, second);
        }
    }

    private void starred(String first, String second) {
        if (!first.equals(second) && !reaches(second, first)) {
            declared(first, second);
        }
    }

    private boolean reaches(String from, String to) {
        List<String> open = new ArrayList<>(List.of(from));
        Set<String> seen = new HashSet<>(open);
        while (!open.isEmpty()) {
            String at = open.removeLast();
            if (at.equals(to)) {
                return true;
            }
            later.getOrDefault(at, Set.of()).stream().filter(seen::add).forEach(open::add);
        }
        return false;
    }

    private void edge(String first, String second) {
        later.computeIfAbsent(first, n -> new HashSet<>()).add(second);
    }

    private List<HookSpec> sorted(String key) throws HouseException {
        Map<String, Integer> waits = new HashMap<>();
        later.values().forEach(names -> names.forEach(name -> waits.merge(name, 1, Integer::sum)));
        PriorityQueue<HookSpec> free = new PriorityQueue<>(precedence());
        hooks.values().stream().filter(spec -> !waits.containsKey(spec.name())).forEach(free::add);
        List<HookSpec> sorted = new ArrayList<>(hooks.size());
        while (!free.isEmpty()) {
            HookSpec next = free.remove();
            sorted.add(next);
            for (String name : later.getOrDefault(next.name(), Set.of())) {
                if (waits.merge(name, -1, Integer::sum) == 0) {
                    free.add(hooks.get(name));
                }
            }
        }
        if (sorted.size() < hooks.size()) {
            Set<String> stuck = new TreeSet<>(hooks.keySet());
            sorted.forEach(spec -> stuck.remove(spec.name()));
            throw new HouseException("hooks wait for each other by after, before and " + key + ": " + stuck);
        }
        return sorted;
    }

    /** Among hooks that wait for none: the listed ones first, then the higher ranking, then the name. */
    private Comparator<HookSpec> precedence() {
        return Comparator.<HookSpec>comparingInt(
                        spec -> listed.contains(spec.name()) ? listed.indexOf(spec.name()) : Integer.MAX_VALUE)
                .thenComparing(Comparator.comparingInt(HookSpec::ranking).reversed())
                .thenComparing(HookSpec::name);
    }

    /** The order without what was declared; for what is left of a stage whose declarations contradict each other. */
    static List<HookSpec> plain(List<HookSpec> specs) {
        return specs.stream()
                .sorted(Comparator.comparingInt(HookSpec::ranking).reversed().thenComparing(HookSpec::name))
                .toList();
    }
}
