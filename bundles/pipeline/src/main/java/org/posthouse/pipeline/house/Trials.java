// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.Burden;
import org.posthouse.pipeline.Candidates;
import org.posthouse.pipeline.Guard;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.Place;
import org.posthouse.pipeline.Tally;
import org.posthouse.pipeline.Terms;
import org.posthouse.pipeline.spi.Plugins.PluginException;
import org.posthouse.pipeline.spi.Replays;

/**
 * Puts a candidate into a copy of the order, in the place of its plugin: asked in earnest of every transaction of the
 * replay, whatever mode and share its hooks have, for otherwise there would be nothing to compare.
 */
final class Trials implements Candidates {
    private final HouseKeeper keeper;
    private final Supplier<HookRules> rules;

    Trials(HouseKeeper keeper, Supplier<HookRules> rules) {
        this.keeper = keeper;
        this.rules = rules;
    }

    @Override
    public Trial raise(Replays.Candidate candidate, Map<Stage, List<Place>> order) throws PluginException {
        Tenancy tenancy = keeper.raise(candidate);
        try {
            return new Running(tenancy, order(tenancy, candidate.plugin(), order));
        } catch (HouseException e) {
            keeper.lower(tenancy);
            throw new PluginException(String.valueOf(e.getMessage()));
        }
    }

    private Map<Stage, List<Place>> order(Tenancy tenancy, String plugin, Map<Stage, List<Place>> before)
            throws HouseException {
        HookRules now = rules.get();
        Map<Stage, List<Place>> order = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            Map<Seat, Place> places = new LinkedHashMap<>();
            for (Place place : before.getOrDefault(stage, List.of())) {
                if (!place.spec().plugin().equals(plugin)) {
                    Terms terms = place.terms();
                    places.put(new Seat(place.spec(), null, terms.from(), terms.to()), place);
                }
            }
            tenancy.hooks().forEach((spec, hook) -> {
                HookRule rule = now.rule(spec.name());
                if (spec.stage() == stage && !rule.off()) {
                    HookSpec ruled = rule.over(spec);
                    places.put(Seat.whole(ruled, tenancy), place(ruled, tenancy, hook));
                }
            });
            List<Seat> seats = List.copyOf(places.keySet());
            Roster.check(seats, Set.of(stage), now);
            List<Place> here = new ArrayList<>();
            for (Seat seat : Order.sort(seats, now.order().getOrDefault(stage, List.of()), HookRules.key(stage))) {
                here.add(Objects.requireNonNull(places.get(seat)));
            }
            order.put(stage, here);
        }
        return order;
    }

    private static Place place(HookSpec spec, Tenancy tenancy, Object hook) {
        return new Place(spec, tenancy.generation(), hook, Terms.PLAIN, new Tally(new Burden()), new Guard());
    }

    /** A candidate that serves. */
    private final class Running implements Trial {
        private final Tenancy tenancy;
        private final Map<Stage, List<Place>> order;

        Running(Tenancy tenancy, Map<Stage, List<Place>> order) {
            this.tenancy = tenancy;
            this.order = order;
        }

        @Override
        public Map<Stage, List<Place>> order() {
            return order;
        }

        @Override
        public void close() {
            keeper.lower(tenancy);
        }
    }
}
