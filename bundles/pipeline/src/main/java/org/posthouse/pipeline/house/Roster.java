// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.Burden;
import org.posthouse.pipeline.Counts;
import org.posthouse.pipeline.Failures;
import org.posthouse.pipeline.Generation;
import org.posthouse.pipeline.Guard;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.Place;
import org.posthouse.pipeline.Snapshots;
import org.posthouse.pipeline.Stragglers;
import org.posthouse.pipeline.Tally;
import org.posthouse.pipeline.Terms;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Plugins.HookLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts serving and missing hooks in order and flips the pipeline to it. Changed by one thread, looked at by all. */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

    private final Snapshots snapshots;
    private final Failures failures;
    private final MeterRegistry meters;
    private final Map<String, Tally> tallies = new HashMap<>();
    private final Map<String, Burden> burdens = new HashMap<>();
    private volatile List<Standing> standings = List.of();

    /** A hook in its place, and whether it is asked. */
    private record Standing(Place place, String mode, int position) {}

    Roster(Snapshots snapshots, Failures failures, MeterRegistry meters) {
        this.snapshots = snapshots;
        this.failures = failures;
        this.meters = meters;
        Gauge.builder("posthouse.hooks.spinning", Stragglers::spinning)
                .description("Overdue threads of hooks that keep a carrier of virtual threads for themselves.")
                .register(meters);
        Gauge.builder("posthouse.hooks.carriers.added", Stragglers::added)
                .description("Carriers of virtual threads that were added in place of those that hooks keep.")
                .register(meters);
    }

    /**
     * Refuses hooks that could not be put in order beside the others.
     *
     * @param seats all hooks as they would be
     * @param stages where hooks come or change; the others stand as they stood
     */
    static void check(List<Seat> seats, Set<Stage> stages, HookRules rules) throws HouseException {
        for (Stage stage : stages) {
            Map<String, String> owners = new HashMap<>();
            List<Seat> here = new ArrayList<>();
            for (Seat seat : seats) {
                HookSpec spec = seat.spec();
                if (spec.stage() == stage) {
                    here.add(seat);
                    String owner = owners.putIfAbsent(spec.name(), spec.plugin());
                    if (owner != null && !owner.equals(spec.plugin())) {
                        throw new HouseException("hook " + spec.name() + " belongs to plugin " + owner + " already");
                    }
                }
            }
            Order.sort(here, rules.order().getOrDefault(stage, List.of()), HookRules.key(stage));
        }
    }

    /**
     * From now on the pipeline asks these.
     *
     * @param seats the hooks that are there or expected
     */
    void flip(List<Seat> seats, HookRules rules) {
        Map<Stage, List<Place>> order = new EnumMap<>(Stage.class);
        List<Standing> all = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            List<Seat> here =
                    seats.stream().filter(seat -> seat.spec().stage() == stage).toList();
            List<Place> asked = new ArrayList<>();
            for (Seat seat : sorted(here, stage, rules)) {
                HookSpec spec = seat.spec();
                Place place = place(seat, rules.rule(spec.name()));
                boolean off = rules.rule(spec.name()).off();
                boolean judges = !off && seat.from() < seat.to();
                if (judges) {
                    asked.add(place);
                }
                String mode = off
                        ? "off"
                        : place.hook() == null ? "missing" : place.terms().shadow() ? "shadow" : "enforce";
                all.add(new Standing(place, mode, judges ? asked.size() : 0));
            }
            order.put(stage, List.copyOf(asked));
        }
        standings = List.copyOf(all);
        HookScope.shadow(shadowed(seats, rules));
        snapshots.flip(order);
    }

    /** The plugins that have hooks, all of them in shadow mode. */
    private static Set<String> shadowed(List<Seat> seats, HookRules rules) {
        Map<String, Boolean> plugins = new HashMap<>();
        for (Seat seat : seats) {
            boolean shadow = rules.rule(seat.name()).mode() == HookRule.Mode.SHADOW;
            plugins.merge(seat.spec().plugin(), shadow, Boolean::logicalAnd);
        }
        plugins.values().removeIf(shadow -> !shadow);
        return plugins.keySet();
    }

    private static List<Seat> sorted(List<Seat> here, Stage stage, HookRules rules) {
        try {
            return Order.sort(here, rules.order().getOrDefault(stage, List.of()), HookRules.key(stage));
        } catch (HouseException e) {
            LOG.error("{}; not counted until this is mended", e.getMessage());
            return declared(here, stage);
        }
    }

    /** By what the plugins declare alone: most of them rely on each other. */
    private static List<Seat> declared(List<Seat> here, Stage stage) {
        try {
            return Order.sort(here, List.of(), HookRules.key(stage));
        } catch (HouseException e) {
            LOG.error("{}; asked by service ranking and name", e.getMessage());
            return Order.plain(here);
        }
    }

    private Place place(Seat seat, HookRule rule) {
        HookSpec spec = seat.spec();
        Tenancy tenancy = seat.tenancy();
        Tally tally = tally(spec);
        HookSpec ruled = rule.over(spec);
        Terms terms = rule.terms(seat.from(), seat.to());
        if (tenancy == null) {
            Generation missing = Generation.missing(spec.plugin());
            return new Place(ruled, missing, null, terms, tally, new Guard());
        }
        Object hook = tenancy.hooks().get(spec);
        Place place = new Place(ruled, tenancy.generation(), hook, terms, tally, tenancy.guard(spec));
        place.rule(failures);
        return place;
    }

    private Tally tally(HookSpec spec) {
        String stage = spec.stage().name().toLowerCase(Locale.ROOT);
        return tallies.computeIfAbsent(stage + "/" + spec.name(), key -> {
            Tally tally = new Tally(burden(spec.plugin()));
            Tags tags = Tags.of("hook", spec.name(), "stage", stage);
            FunctionTimer.builder("posthouse.hook", tally, Tally::calls, Tally::nanos, TimeUnit.NANOSECONDS)
                    .description("How often hooks were asked and how long they took.")
                    .tags(tags)
                    .register(meters);
            Gauge.builder("posthouse.hook.abandoned", tally, Tally::abandoned)
                    .description("Threads of hooks that were overdue and still run.")
                    .tags(tags)
                    .register(meters);
            FunctionCounter.builder("posthouse.hook.rejected", tally, Tally::full)
                    .description("Calls that hooks were spared: by = bulkhead or breaker.")
                    .tags(tags.and("by", "bulkhead"))
                    .register(meters);
            FunctionCounter.builder("posthouse.hook.rejected", tally, Tally::broken)
                    .description("Calls that hooks were spared: by = bulkhead or breaker.")
                    .tags(tags.and("by", "breaker"))
                    .register(meters);
            gauge(
                    "posthouse.hook.breaker",
                    "Breakers of hooks: 0 closed, 1 half-open, 2 open.",
                    spec,
                    tags,
                    places -> places.mapToInt(Place::breakerLevel).max().orElse(0));
            gauge(
                    "posthouse.hook.running",
                    "Threads that run a hook now.",
                    spec,
                    tags,
                    places -> places.mapToInt(Place::running).sum());
            gauge(
                    "posthouse.hook.budget.seconds",
                    "The time budget of one answer of a hook.",
                    spec,
                    tags,
                    places -> places.mapToLong(place -> place.spec().timeoutMillis())
                                    .max()
                                    .orElse(0)
                            / 1000.0);
            return tally;
        });
    }

    /** A number about the generations of a hook that are in force now. */
    private void gauge(String name, String about, HookSpec spec, Tags tags, ToDoubleFunction<Stream<Place>> value) {
        Gauge.builder(
                        name,
                        this,
                        roster -> value.applyAsDouble(roster.standings.stream()
                                .map(Standing::place)
                                .filter(place -> place.spec().stage() == spec.stage()
                                        && place.spec().name().equals(spec.name()))))
                .description(about)
                .tags(tags)
                .register(meters);
    }

    private Burden burden(String plugin) {
        return burdens.computeIfAbsent(plugin, key -> {
            Burden burden = new Burden();
            Gauge.builder("posthouse.plugin.abandoned", burden, Burden::living)
                    .description("Overdue threads of a plugin that still run, over all its generations; with "
                            + Burden.MOST + " it is not asked any more.")
                    .tags("plugin", plugin)
                    .register(meters);
            return burden;
        });
    }

    /** The hooks of every stage in their order, with their counts as they are now. */
    List<HookLine> lines() {
        return standings.stream().map(Roster::line).toList();
    }

    private static HookLine line(Standing standing) {
        Place place = standing.place();
        HookSpec spec = place.spec();
        // What serves is counted by generation, so that two of them can be compared; the counts of a place that is
        // missing stand over all.
        Tally tally = place.tally();
        Counts.Sum counts = place.hook() == null
                ? new Counts.Sum(tally.calls(), 0, tally.failures(), tally.nanos())
                : place.counts();
        return new HookLine(
                spec.stage(),
                standing.position(),
                spec.name(),
                spec.plugin(),
                place.generation().version(),
                place.generation().label(),
                standing.mode(),
                place.terms().to() - place.terms().from(),
                place.breaker(),
                place.running(),
                place.terms().maxConcurrent(),
                spec.timeoutMillis(),
                spec.onFailure().name().toLowerCase(Locale.ROOT),
                counts.calls(),
                counts.failures(),
                counts.meanMicros(),
                place.abandoned());
    }
}
