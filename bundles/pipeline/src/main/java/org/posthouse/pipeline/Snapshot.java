// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.posthouse.api.hook.DataHook;

/**
 * The order of all stages at one moment; never changes. Whoever works with it holds it, and it says when nobody does any
 * more, so that old generations can go.
 */
public final class Snapshot {
    private static final Place[] NOBODY = {};

    private final Map<org.posthouse.api.Stage, Place[]> stages = new EnumMap<>(org.posthouse.api.Stage.class);
    private final Set<Generation> generations = new HashSet<>();
    private final boolean asksHeaders;
    private final boolean split;
    private final String stamp;
    private final Consumer<Snapshot> idle;
    private final AtomicInteger holders = new AtomicInteger(1);

    /**
     * A snapshot, held once by its maker.
     *
     * @param order the places of each stage in order
     * @param idle called when the last holder let go
     */
    public Snapshot(Map<org.posthouse.api.Stage, List<Place>> order, Consumer<Snapshot> idle) {
        order.forEach((stage, places) -> stages.put(stage, places.toArray(Place[]::new)));
        boolean parted = false;
        for (List<Place> places : order.values()) {
            for (Place place : places) {
                generations.add(place.generation());
                parted |= !place.terms().whole();
            }
        }
        this.idle = idle;
        this.split = parted;
        this.stamp = stamped(place -> true);
        this.asksHeaders = order.getOrDefault(org.posthouse.api.Stage.DATA, List.of()).stream()
                .anyMatch(place ->
                        place.hook() != null && readsHeaders(place.hook().getClass()));
    }

    private static boolean readsHeaders(Class<?> type) {
        for (java.lang.reflect.Method method : type.getMethods()) {
            if (method.getName().equals("onHeaders") && method.getDeclaringClass() != DataHook.class) {
                return true;
            }
        }
        return false;
    }

    /** The places of a stage in order; not to be changed. */
    public Place[] places(org.posthouse.api.Stage stage) {
        return stages.getOrDefault(stage, NOBODY);
    }

    /** Whether a hook of this generation is in it. */
    public boolean has(Generation generation) {
        return generations.contains(generation);
    }

    /** The generations in it. */
    public Set<Generation> generations() {
        return Set.copyOf(generations);
    }

    /** Whether any data hook wants to see header blocks before the final dot. */
    boolean asksHeaders() {
        return asksHeaders;
    }

    /** The generations that judge this session, in one line. */
    String stamp(String session) {
        if (!split) {
            return stamp;
        }
        int bucket = Terms.bucket(session);
        return stamped(place -> place.judges(bucket));
    }

    private String stamped(Predicate<Place> which) {
        TreeSet<String> labels = new TreeSet<>();
        for (Place[] places : stages.values()) {
            for (Place place : places) {
                if (which.test(place)) {
                    labels.add(place.generation().toString());
                }
            }
        }
        return String.join(",", labels);
    }

    /** Holds it, unless nobody did any more. */
    boolean hold() {
        while (true) {
            int now = holders.get();
            if (now == 0) {
                return false;
            }
            if (holders.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Lets go. */
    public void release() {
        if (holders.decrementAndGet() == 0) {
            idle.accept(this);
        }
    }
}
