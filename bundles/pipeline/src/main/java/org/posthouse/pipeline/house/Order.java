// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.posthouse.pipeline.HookSpec;

/**
 * The order of one stage: what the operator listed, then what hooks declare by after and before, then the service ranking,
 * then the name. Two generations of one plugin stand in one order, but do not wait for each other: no session asks both.
 */
final class Order {
    private static final String ALL = "*";

    private final List<Seat> seats;
    private final Map<Seat, Set<Seat>> later = new HashMap<>();
    private final List<String> listed;

    private Order(List<Seat> seats, List<String> explicit) {
        this.seats = seats;
        Set<String> names = seats.stream().map(Seat::name).collect(Collectors.toSet());
        listed = explicit.stream().filter(names::contains).toList();
    }

    /**
     * Sorts.
     *
     * @param seats the hooks of one stage
     * @param explicit names in the order that the operator wants
     * @param key the key of the explicit list, to name it
     * @throws HouseException when hooks wait for each other
     */
    static List<Seat> sort(List<Seat> seats, List<String> explicit, String key) throws HouseException {
        if (new HashSet<>(explicit).size() < explicit.size()) {
            throw new HouseException(key + " names a hook twice: " + explicit);
        }
        Order order = new Order(seats, explicit);
        order.edges();
        return order.sorted(key);
    }

    private List<Seat> named(String name) {
        return seats.stream().filter(seat -> seat.name().equals(name)).toList();
    }

    private void edges() {
        for (int i = 1; i < listed.size(); i++) {
            for (Seat first : named(listed.get(i - 1))) {
                named(listed.get(i)).forEach(second -> edge(first, second));
            }
        }
        for (Seat seat : seats) {
            HookSpec spec = seat.spec();
            spec.after().stream()
                    .filter(n -> !n.equals(ALL))
                    .forEach(n -> named(n).forEach(other -> declared(other, seat)));
            spec.before().stream()
                    .filter(n -> !n.equals(ALL))
                    .forEach(n -> named(n).forEach(other -> declared(seat, other)));
        }
        // What stands last or first of all gives way to those that name it.
        for (Seat seat : seats) {
            for (Seat other : seats) {
                if (seat.spec().after().contains(ALL) && !other.spec().after().contains(ALL)) {
                    starred(other, seat);
                }
                if (seat.spec().before().contains(ALL) && !other.spec().before().contains(ALL)) {
                    starred(seat, other);
                }
            }
        }
    }

    private void declared(Seat first, Seat second) {
        boolean overridden = listed.contains(first.name()) && listed.contains(second.name());
        if (!overridden) {
            edge(first, second);
        }
    }

    private void starred(Seat first, Seat second) {
        if (first != second && !reaches(second, first)) {
            declared(first, second);
        }
    }

    private boolean reaches(Seat from, Seat to) {
        List<Seat> open = new ArrayList<>(List.of(from));
        Set<Seat> seen = new HashSet<>(open);
        while (!open.isEmpty()) {
            Seat at = open.removeLast();
            if (at.equals(to)) {
                return true;
            }
            later.getOrDefault(at, Set.of()).stream().filter(seen::add).forEach(open::add);
        }
        return false;
    }

    private void edge(Seat first, Seat second) {
        if (first.meets(second)) {
            later.computeIfAbsent(first, n -> new LinkedHashSet<>()).add(second);
        }
    }

    private List<Seat> sorted(String key) throws HouseException {
        Map<Seat, Integer> waits = new HashMap<>();
        later.values().forEach(all -> all.forEach(seat -> waits.merge(seat, 1, Integer::sum)));
        PriorityQueue<Seat> free = new PriorityQueue<>(precedence());
        seats.stream().filter(seat -> !waits.containsKey(seat)).forEach(free::add);
        List<Seat> sorted = new ArrayList<>(seats.size());
        while (!free.isEmpty()) {
            Seat next = free.remove();
            sorted.add(next);
            for (Seat seat : later.getOrDefault(next, Set.of())) {
                if (waits.merge(seat, -1, Integer::sum) == 0) {
                    free.add(seat);
                }
            }
        }
        if (sorted.size() < seats.size()) {
            Set<String> stuck = new TreeSet<>();
            seats.stream().filter(seat -> !sorted.contains(seat)).forEach(seat -> stuck.add(seat.name()));
            throw new HouseException("hooks wait for each other by after, before and " + key + ": " + stuck);
        }
        return sorted;
    }

    /** Among hooks that wait for none: the listed ones first, then the higher ranking, the name, the newer generation. */
    private Comparator<Seat> precedence() {
        return Comparator.<Seat>comparingInt(
                        seat -> listed.contains(seat.name()) ? listed.indexOf(seat.name()) : Integer.MAX_VALUE)
                .thenComparing(PLAIN);
    }

    private static final Comparator<Seat> PLAIN = Comparator.<Seat>comparingInt(
                    seat -> seat.spec().ranking())
            .reversed()
            .thenComparing(Seat::name)
            .thenComparing(Seat::from);

    /** The order without what was declared; for what is left of a stage whose declarations contradict each other. */
    static List<Seat> plain(List<Seat> seats) {
        return seats.stream().sorted(PLAIN).toList();
    }
}
