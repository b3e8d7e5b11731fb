// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.spi.Plugins.Plugin;

/**
 * The plugins of this server by name, and the seats they want in the order of the hooks. Used by one thread; {@link #view()}
 * may be looked at by all.
 */
final class Residents {
    private final Books books;
    private final Tenancies tenancies;
    private final Roster roster;
    private final Supplier<HookRules> rules;
    private final HouseMeters meters;
    private final Map<String, Resident> byName = new TreeMap<>();
    private volatile List<Plugin> view = List.of();

    Residents(Books books, Tenancies tenancies, Roster roster, Supplier<HookRules> rules, HouseMeters meters) {
        this.books = books;
        this.tenancies = tenancies;
        this.roster = roster;
        this.rules = rules;
        this.meters = meters;
    }

    /** The plugin of this name, new when there was none. */
    Resident of(String name) {
        return byName.computeIfAbsent(name, Resident::new);
    }

    /** The plugin of this name; null when there is none. */
    @Nullable
    Resident find(String name) {
        return byName.get(name);
    }

    void join(Resident resident) {
        byName.put(resident.name, resident);
    }

    List<Resident> all() {
        return List.copyOf(byName.values());
    }

    Set<String> names() {
        return byName.keySet();
    }

    /** The plugins as they were when the pipeline was told last. */
    List<Plugin> view() {
        return view;
    }

    /** Refuses generations that could not be put in order beside all others. */
    void check(Resident resident, Tenancy next, @Nullable Tenancy beside) throws HouseException {
        List<Seat> all = new ArrayList<>();
        Set<Stage> stages = EnumSet.noneOf(Stage.class);
        next.hooks().keySet().forEach(spec -> stages.add(spec.stage()));
        byName.values().stream().filter(other -> other != resident).forEach(other -> all.addAll(seats(other)));
        next.hooks().keySet().forEach(spec -> all.add(Seat.whole(spec, next)));
        if (beside != null) {
            beside.hooks().keySet().forEach(spec -> all.add(Seat.whole(spec, beside)));
            beside.hooks().keySet().forEach(spec -> stages.add(spec.stage()));
        }
        Roster.check(all, stages, rules.get());
    }

    /** The pipeline asks what serves now; what is expected and not there keeps its place. */
    void flip() {
        byName.values().removeIf(this::forgotten);
        List<Seat> seats = new ArrayList<>();
        byName.values().forEach(resident -> seats.addAll(seats(resident)));
        roster.flip(seats, rules.get());
        view = byName.values().stream().map(this::line).toList();
        sweep();
    }

    private boolean forgotten(Resident resident) {
        return resident.jar == null
                && resident.serving == null
                && !books.expected().expects(resident.name)
                && !books.disabled().contains(resident.name);
    }

    /** Ends generations that nobody uses any more. */
    void sweep() {
        tenancies.sweep();
        remember();
        Map<String, Integer> standing = new TreeMap<>();
        byName.keySet().forEach(name -> standing.put(name, tenancies.standing(name)));
        meters.standing(standing);
    }

    /** Which versions are watched now, so that a restart does not end it. */
    private void remember() {
        Set<String> watched = new TreeSet<>();
        for (Resident resident : byName.values()) {
            Tenancy serving = resident.serving;
            Watch watch = resident.watch;
            if (serving != null && watch != null) {
                watched.add(resident.name);
                books.vigils()
                        .begin(
                                resident.name,
                                serving.jar().hash(),
                                watch.until().toEpochMilli());
            }
        }
        books.vigils().keepOnly(watched);
    }

    private List<Seat> seats(Resident resident) {
        List<Seat> seats = new ArrayList<>();
        Tenancy serving = resident.serving;
        Tenancy beside = resident.beside;
        if (serving != null) {
            int share = share(resident);
            serving.hooks().keySet().forEach(spec -> seats.add(new Seat(spec, serving, 0, share)));
            if (beside != null) {
                beside.hooks().keySet().forEach(spec -> seats.add(new Seat(spec, beside, share, 100)));
            }
        } else if (!books.disabled().contains(resident.name)) {
            books.expected().hooks(resident.name).forEach(spec -> seats.add(Seat.whole(spec, null)));
        }
        return seats;
    }

    /** The percent of sessions that the newest generation judges. */
    int share(Resident resident) {
        Tenancy beside = resident.beside;
        return resident.serving == null || beside == null ? 100 : rules.get().share(resident.serving.specs(beside));
    }

    /** What the operator sees of a plugin. */
    Plugin line(Resident resident) {
        PluginJar jar = resident.serving == null ? resident.jar : resident.serving.jar();
        List<HookSpec> hooks = jar == null ? books.expected().hooks(resident.name) : jar.hooks();
        Tenancy beside = resident.beside;
        String detail = beside == null || !resident.detail.isEmpty()
                ? resident.detail
                : "it judges " + share(resident) + " % of the sessions, "
                        + beside.generation().label() + " (" + beside.jar().version() + ") the rest";
        return new Plugin(
                resident.name,
                jar == null ? "" : jar.version(),
                resident.state.name().toLowerCase(Locale.ROOT),
                resident.serving == null ? "" : resident.serving.generation().label(),
                detail,
                hooks.stream().map(HookSpec::name).distinct().toList());
    }

    /** Nothing of the plugin serves any more; its transactions finish. */
    void retire(Resident resident) {
        leaveUnless(resident.serving, null);
        leaveUnless(resident.beside, null);
        resident.serving = null;
        resident.beside = null;
        resident.watch = null;
    }

    /** A generation was replaced, unless it is the one that stays. */
    void leaveUnless(@Nullable Tenancy tenancy, @Nullable Tenancy stays) {
        if (tenancy != null && tenancy != stays) {
            leave(tenancy);
        }
    }

    /** A generation was replaced; its transactions finish. */
    void leave(Tenancy tenancy) {
        tenancies.leave(tenancy, Duration.ofMillis(rules.get().drainMillis()));
    }
}
