// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.Counts;
import org.posthouse.pipeline.Generation;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.Place;
import org.posthouse.pipeline.Snapshots;
import org.posthouse.pipeline.Tally;
import org.posthouse.pipeline.Terms;
import org.posthouse.pipeline.spi.Plugins.HookLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts serving and missing hooks in order and flips the pipeline to it. Changed by one thread, looked at by all. */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

    private final Snapshots snapshots;
    private final MeterRegistry meters;
    private final Map<String, Tally> tallies = new HashMap<>();
    private volatile List<Standing> standings = List.of();

    /** A hook in its place, and whether it is asked. */
    private record Standing(Place place, String mode, int position) {}

    Roster(Snapshots snapshots, MeterRegistry meters) {
        this.snapshots = snapshots;
        this.meters = meters;
    }

    /**
     * Refuses hooks that could not be put in order beside the others.
     *
     * @param seats all hooks as they would be
     */
    static void check(List<Seat> seats, HookRules rules) throws HouseException {
        for (Stage stage : Stage.values()) {
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
                String mode = off ? "off" : place.hook() == null ? "missing" : "enforce";
                all.add(new Standing(place, mode, judges ? asked.size() : 0));
            }
            order.put(stage, List.copyOf(asked));
        }
        standings = List.copyOf(all);
        snapshots.flip(order);
    }

    private static List<Seat> sorted(List<Seat> here, Stage stage, HookRules rules) {
        try {
            return Order.sort(here, rules.order().getOrDefault(stage, List.of()), HookRules.key(stage));
        } catch (HouseException e) {
            LOG.error("{}; asked by service ranking and name until this is mended", e.getMessage());
            return Order.plain(here);
        }
    }

    private Place place(Seat seat, HookRules.Rule rule) {
        HookSpec spec = seat.spec();
        Tenancy tenancy = seat.tenancy();
        Tally tally = tally(spec);
        HookSpec ruled = rule.over(spec);
        Terms terms = rule.terms(seat.from(), seat.to());
        if (tenancy == null) {
            Generation missing = Generation.missing(spec.plugin());
            return new Place(ruled, missing, null, terms, tally, new AtomicInteger());
        }
        Object hook = tenancy.hooks().get(spec);
        return new Place(ruled, tenancy.generation(), hook, terms, tally, tenancy.abandoned(spec));
    }

    private Tally tally(HookSpec spec) {
        String stage = spec.stage().name().toLowerCase(Locale.ROOT);
        return tallies.computeIfAbsent(stage + "/" + spec.name(), key -> {
            Tally tally = new Tally();
            Tags tags = Tags.of("hook", spec.name(), "stage", stage);
            FunctionTimer.builder("posthouse.hook", tally, Tally::calls, Tally::nanos, TimeUnit.NANOSECONDS)
                    .description("How often hooks were asked and how long they took.")
                    .tags(tags)
                    .register(meters);
            Gauge.builder("posthouse.hook.abandoned", tally, Tally::abandoned)
                    .description("Threads of hooks that were overdue and still run.")
                    .tags(tags)
                    .register(meters);
            return tally;
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
                "none",
                0,
                0,
                spec.timeoutMillis(),
                spec.onFailure().name().toLowerCase(Locale.ROOT),
                counts.calls(),
                counts.failures(),
                counts.meanMicros(),
                place.abandoned());
    }
}
