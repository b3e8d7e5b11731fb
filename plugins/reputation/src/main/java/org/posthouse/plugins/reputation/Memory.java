// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.SharedState;

/**
 * How networks and domains behaved; shared by the nodes, kept over restarts, and bounded: there are so many shelves with so
 * many places, and on a full one who is least known goes. So strangers that come by the million drive out each other, and
 * nobody of whom much is known.
 */
final class Memory {
    static final int SHELVES = 1024;

    /** After so many half-lives nothing is left of an event. */
    private static final int LIVES = 10;

    private static final double NOTHING = 0.01;

    private final SharedState.Table<String> table;
    private final int places;
    private final Duration halfLife;
    private final Clock clock;

    /** Room for about so many names. */
    Memory(SharedState state, int entries, Duration halfLife, Clock clock) {
        this.table = state.table("reputation.standings", String.class);
        this.places = Math.max(1, entries / SHELVES);
        this.halfLife = halfLife;
        this.clock = clock;
    }

    private static String shelf(String name) {
        return Integer.toString(Math.floorMod(name.hashCode(), SHELVES));
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    /** The standing of a name as of now. */
    Standing of(String name) {
        return table.get(shelf(name))
                .flatMap(text -> Shelf.find(text, name))
                .map(standing -> standing.at(now(), halfLife))
                .orElseGet(() -> Standing.none(now()));
    }

    /** Something happened. */
    void add(String name, double good, double bad) {
        table.update(shelf(name), halfLife.multipliedBy(LIVES), before -> changed(before, name, good, bad));
    }

    private String changed(@Nullable String before, String name, double good, double bad) {
        Map<String, Standing> all = current(before);
        Standing standing = all.remove(name);
        if (all.size() >= places) {
            all.entrySet().stream()
                    .min(Comparator.comparingDouble(entry -> entry.getValue().samples()))
                    .map(Map.Entry::getKey)
                    .ifPresent(all::remove);
        }
        all.put(name, (standing == null ? Standing.none(now()) : standing).and(good, bad));
        return new Shelf(all).text();
    }

    /** What is on a shelf now, without those of whom nothing is left. */
    private Map<String, Standing> current(@Nullable String text) {
        Map<String, Standing> all = Shelf.parse(text).all();
        all.replaceAll((name, standing) -> standing.at(now(), halfLife));
        all.values().removeIf(standing -> standing.samples() < NOTHING);
        return all;
    }

    /** Nothing is known of a name any more; whether something was. */
    boolean forget(String name) {
        boolean[] known = {false};
        table.update(shelf(name), halfLife.multipliedBy(LIVES), before -> {
            Map<String, Standing> all = current(before);
            known[0] = all.remove(name) != null;
            return new Shelf(all).text();
        });
        return known[0];
    }

    /** Everybody, as of now. */
    Map<String, Standing> all() {
        Map<String, Standing> all = new HashMap<>();
        for (int i = 0; i < SHELVES; i++) {
            Optional<String> text = table.get(Integer.toString(i));
            text.ifPresent(one -> all.putAll(current(one)));
        }
        return all;
    }
}
