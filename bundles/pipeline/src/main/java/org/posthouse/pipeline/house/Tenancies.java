// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.spi.PluginSettings.Checked;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.Snapshots;
import org.posthouse.pipeline.spi.HookScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Raises generations beside the old ones, and ends those that nobody uses any more. Used by one thread. */
final class Tenancies {
    private static final Logger LOG = LoggerFactory.getLogger(Tenancies.class);

    private final Yard yard;
    private final Snapshots snapshots;
    private final Map<String, Yard.Lodging> lodgings = new HashMap<>();
    private final Map<String, FutureTask<Yard.Lodging>> ahead = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<Tenancy> living = new ArrayList<>();
    private final List<Leaving> leaving = new ArrayList<>();

    /** A generation that finishes its open transactions until the deadline. */
    private record Leaving(Tenancy tenancy, Instant deadline) {}

    /** What came of raising a generation. */
    sealed interface Raised {
        /** It serves. */
        record Serving(Tenancy tenancy) implements Raised {}

        /** This jar with this configuration serves already. */
        record Same() implements Raised {}

        /** There is no configuration, and it needs one. */
        record Waiting() implements Raised {}

        /** Its configuration was refused. */
        record Refused(List<String> findings) implements Raised {}
    }

    Tenancies(Yard yard, Snapshots snapshots) {
        this.yard = yard;
        this.snapshots = snapshots;
    }

    /**
     * Raises a generation of the jar with the configuration that stands now.
     *
     * @throws HouseException when it does not come to serve; nothing of it is left then
     */
    Raised raise(PluginJar jar, @Nullable Tenancy current) throws HouseException {
        Yard.Lodging lodging = lodge(jar);
        try {
            Dictionary<String, Object> values = null;
            switch (yard.settings(lodging)) {
                case Checked.Refused refused -> {
                    return new Raised.Refused(refused.findings());
                }
                case Checked.Absent absent -> {
                    if (jar.requiresConfiguration()) {
                        return new Raised.Waiting();
                    }
                }
                case Checked.Valid valid -> values = valid.values();
            }
            if (current != null && current.is(jar, values)) {
                return new Raised.Same();
            }
            return new Raised.Serving(serve(lodging, values));
        } finally {
            tidy(lodging);
        }
    }

    /** Raises a generation for a replay, beside whatever serves; end it with {@link #end}. */
    Tenancy rehearse(PluginJar jar, @Nullable String settings) throws HouseException {
        Yard.Lodging lodging = lodge(jar);
        try {
            Checked checked = settings == null ? yard.settings(lodging) : yard.settings(lodging, settings);
            if (checked instanceof Checked.Refused refused) {
                throw new HouseException("configuration refused: " + String.join("; ", refused.findings()));
            }
            if (checked instanceof Checked.Absent && jar.requiresConfiguration()) {
                throw new HouseException("there is no configuration for plugin " + jar.name());
            }
            // What it does while it is constructed is part of the replay: it sends nothing and takes no job over.
            HookScope.Closing replay = HookScope.open(jar.name(), HookScope.Mode.REPLAY, (service, question) -> null);
            try {
                return serve(lodging, checked instanceof Checked.Valid valid ? valid.values() : null);
            } finally {
                replay.close();
            }
        } finally {
            tidy(lodging);
        }
    }

    /**
     * Installs jars ahead of their turn, on a thread of its own: at a start one is installed while the one before it comes to
     * serve. {@link #unexpected} must follow.
     */
    void expect(List<PluginJar> jars) {
        List<FutureTask<Yard.Lodging>> tasks = new ArrayList<>();
        for (PluginJar jar : jars) {
            FutureTask<Yard.Lodging> task = new FutureTask<>(() -> yard.lodge(jar));
            ahead.put(key(jar), task);
            tasks.add(task);
        }
        if (tasks.isEmpty()) {
            return;
        }
        Thread.ofPlatform().daemon().name("plugins-ahead").start(() -> tasks.forEach(FutureTask::run));
    }

    /** Takes away what was installed ahead and not asked for. */
    void unexpected() {
        for (FutureTask<Yard.Lodging> task : ahead.values()) {
            try {
                yard.evict(installed(task));
            } catch (HouseException e) {
                LOG.debug("A jar that was not asked for", e);
            }
        }
        ahead.clear();
    }

    /** Installs it now unless it is installed already; whoever comes first does it. */
    private static Yard.Lodging installed(FutureTask<Yard.Lodging> task) throws HouseException {
        task.run();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HouseException known) {
                throw known;
            }
            throw new HouseException("can not be installed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HouseException("was interrupted while it was installed", e);
        }
    }

    /** Whether there is a configuration for it, right or wrong. */
    boolean configured(PluginJar jar) {
        return yard.configured(jar.name());
    }

    /** Whether this jar is installed. */
    boolean lodges(PluginJar jar) {
        return lodgings.containsKey(key(jar));
    }

    private static String key(PluginJar jar) {
        return jar.name() + "@" + jar.hash();
    }

    private Yard.Lodging lodge(PluginJar jar) throws HouseException {
        Yard.Lodging known = lodgings.get(key(jar));
        if (known != null) {
            return known;
        }
        FutureTask<Yard.Lodging> task = ahead.remove(key(jar));
        Yard.Lodging lodging = task == null ? yard.lodge(jar) : installed(task);
        lodgings.put(key(jar), lodging);
        return lodging;
    }

    private Tenancy serve(Yard.Lodging lodging, @Nullable Dictionary<String, Object> values) throws HouseException {
        int number = numbers.merge(lodging.jar().name(), 1, Integer::sum);
        try {
            Map<HookSpec, Object> hooks = yard.serve(lodging, number, values);
            Tenancy tenancy = new Tenancy(lodging, number, values, hooks);
            living.add(tenancy);
            return tenancy;
        } catch (HouseException | RuntimeException e) {
            tidy(lodging, number);
            throw e;
        }
    }

    /** The generation was replaced: it goes when nobody uses it any more, at the latest after the drain. */
    void leave(Tenancy tenancy, Duration drain) {
        leaving.add(new Leaving(tenancy, Instant.now().plus(drain)));
    }

    /** Whether the services of a generation still stand. */
    boolean stands(Tenancy tenancy) {
        return yard.stands(tenancy.lodging(), tenancy.number());
    }

    /** The generations of a plugin that finish their open transactions. */
    List<Tenancy> leaving(String plugin) {
        return leaving.stream()
                .map(Leaving::tenancy)
                .filter(tenancy -> tenancy.jar().name().equals(plugin))
                .toList();
    }

    /** How many generations of a plugin stand. */
    int standing(String plugin) {
        return (int) living.stream()
                .filter(tenancy -> tenancy.jar().name().equals(plugin))
                .count();
    }

    /** Whether generations wait for their last transactions. */
    boolean draining() {
        return !leaving.isEmpty();
    }

    /** Ends generations that nobody uses, or whose time is over. */
    void sweep() {
        Iterator<Leaving> all = leaving.iterator();
        while (all.hasNext()) {
            Leaving next = all.next();
            Tenancy tenancy = next.tenancy();
            boolean used = snapshots.uses(tenancy.generation());
            if (used && next.deadline().isAfter(Instant.now())) {
                continue;
            }
            if (used) {
                LOG.warn(
                        "Plugin {}: transactions still open after the drain are deferred by 451", tenancy.generation());
            }
            tenancy.generation().cut();
            all.remove();
            end(tenancy);
        }
    }

    /** Ends a generation now. */
    void end(Tenancy tenancy) {
        living.remove(tenancy);
        tidy(tenancy.lodging(), tenancy.number());
        LOG.info("Plugin {}: generation ended", tenancy.generation());
    }

    private void tidy(Yard.Lodging lodging, int number) {
        if (used(lodging)) {
            yard.retire(lodging, number);
        } else {
            // The bundle first: its components are then ended on this thread and not on that of ConfigurationAdmin.
            evict(lodging);
            yard.retire(lodging, number);
        }
    }

    private void tidy(Yard.Lodging lodging) {
        if (!used(lodging)) {
            evict(lodging);
        }
    }

    private boolean used(Yard.Lodging lodging) {
        return living.stream().anyMatch(tenancy -> tenancy.lodging() == lodging);
    }

    private void evict(Yard.Lodging lodging) {
        if (lodgings.values().remove(lodging)) {
            yard.evict(lodging);
        }
    }
}
