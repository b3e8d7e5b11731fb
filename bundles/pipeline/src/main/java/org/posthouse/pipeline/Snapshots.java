// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The snapshot in force and those that transactions still work with. */
public final class Snapshots {
    private final Set<Snapshot> alive = ConcurrentHashMap.newKeySet();
    private volatile Snapshot current;
    private volatile Runnable idle = () -> {};

    /** Begins without any hook. */
    public Snapshots() {
        current = make(Map.of());
    }

    /** What is called, on the thread that let go, when a replaced snapshot is not used any more. */
    public void onIdle(Runnable listener) {
        idle = listener;
    }

    /** From now on this order is in force; who works with the one before goes on with it. */
    public synchronized void flip(Map<org.posthouse.api.Stage, List<Place>> order) {
        Snapshot before = current;
        current = make(order);
        before.release();
    }

    private Snapshot make(Map<org.posthouse.api.Stage, List<Place>> order) {
        Snapshot made = new Snapshot(order, gone -> {
            alive.remove(gone);
            idle.run();
        });
        alive.add(made);
        return made;
    }

    /** The snapshot in force, held for the caller. */
    Snapshot hold() {
        while (true) {
            Snapshot now = current;
            if (now.hold()) {
                return now;
            }
        }
    }

    /** The places of a snapshot that the caller holds, by stage. */
    static Map<org.posthouse.api.Stage, List<Place>> order(Snapshot held) {
        Map<org.posthouse.api.Stage, List<Place>> order = new EnumMap<>(org.posthouse.api.Stage.class);
        for (org.posthouse.api.Stage stage : org.posthouse.api.Stage.values()) {
            order.put(stage, List.of(held.places(stage)));
        }
        return order;
    }

    /** The snapshot in force, for a look. */
    public Snapshot peek() {
        return current;
    }

    /** Whether anybody may still call hooks of this generation. */
    public boolean uses(Generation generation) {
        for (Snapshot snapshot : alive) {
            if (snapshot.has(generation)) {
                return true;
            }
        }
        return false;
    }
}
