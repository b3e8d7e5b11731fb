// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.posthouse.api.Event;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.house.Resident.State;
import org.posthouse.pipeline.spi.Plugins.Plugin;
import org.posthouse.pipeline.spi.Plugins.PluginException;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins of this server: makes a generation of each jar with its configuration before it breaks the old one, and keeps
 * the places of those that are missing. Used by one thread; {@link #list()} may be looked at by all.
 */
final class PluginHouse {
    private static final Logger LOG = LoggerFactory.getLogger(PluginHouse.class);

    private final Path folder;
    private final Path scratch;
    private final ExpectedHooks expected;
    private final StateFile disabledFile;
    private final Set<String> disabled;
    private final Tenancies tenancies;
    private final Roster roster;
    private final Supplier<HookRules> rules;
    private final EventSink events;
    private final Map<Path, PluginJar> files = new TreeMap<>();
    private final Map<String, Resident> residents = new TreeMap<>();
    private volatile List<Plugin> view = List.of();

    /**
     * Opens the house; nothing is asked before {@link #scan()}.
     *
     * @param dataDir where plugins and state are kept
     * @throws IOException when the durable lists can not be read
     */
    PluginHouse(Path dataDir, Tenancies tenancies, Roster roster, Supplier<HookRules> rules, EventSink events)
            throws IOException {
        this.folder = dataDir.resolve("plugins");
        Path state = dataDir.resolve("state");
        this.scratch = state.resolve("incoming");
        this.expected = ExpectedHooks.open(state.resolve("expected-hooks"));
        this.disabledFile = new StateFile(state.resolve("disabled-plugins"));
        this.disabled = new TreeSet<>(disabledFile.read());
        this.tenancies = tenancies;
        this.roster = roster;
        this.rules = rules;
        this.events = events;
        Files.createDirectories(folder);
    }

    Path folder() {
        return folder;
    }

    /** Takes every jar that is there. */
    void scan() {
        for (Path file : jars()) {
            try {
                PluginJar jar = PluginJar.read(file, scratch);
                files.put(file, jar.lighter());
                Resident resident = resident(jar.name());
                if (resident.jar == null || newer(jar, resident.jar)) {
                    resident.jar = jar;
                }
            } catch (HouseException e) {
                LOG.warn("{} {}; nothing was changed", file, e.getMessage());
            }
        }
        expected.plugins().forEach(this::resident);
        disabled.forEach(this::resident);
        residents.values().forEach(this::settle);
        flip();
    }

    private List<Path> jars() {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.jar")) {
            stream.forEach(found::add);
        } catch (IOException e) {
            LOG.error("The plugins folder {} can not be read", folder, e);
        }
        found.sort(null);
        return found;
    }

    private static boolean newer(PluginJar jar, PluginJar than) {
        return version(jar).compareTo(version(than)) > 0;
    }

    private static Version version(PluginJar jar) {
        try {
            return Version.parseVersion(jar.version());
        } catch (IllegalArgumentException e) {
            return Version.emptyVersion;
        }
    }

    private Resident resident(String name) {
        return residents.computeIfAbsent(name, Resident::new);
    }

    /**
     * A jar was dropped or replaced.
     *
     * @throws HouseException when nothing was changed, and why
     */
    void arrived(Path file) throws HouseException {
        PluginJar jar = PluginJar.read(file, scratch);
        PluginJar before = files.get(file);
        State state = resident(jar.name()).state;
        boolean settled = state != State.FAILED && state != State.MISSING;
        if (before != null && before.hash().equals(jar.hash()) && settled) {
            return;
        }
        files.put(file, jar.lighter());
        if (before != null && !before.name().equals(jar.name())) {
            successor(resident(before.name()), file);
        }
        Resident resident = resident(jar.name());
        resident.jar = jar;
        settle(resident);
        flip();
    }

    /** A jar was deleted: another one of the plugin takes its place, or its hooks are missing. */
    void gone(Path file) {
        PluginJar jar = files.remove(file);
        if (jar != null) {
            successor(resident(jar.name()), file);
            flip();
        }
    }

    private void successor(Resident resident, Path file) {
        if (resident.jar == null || !resident.jar.file().equals(file)) {
            return;
        }
        resident.jar = files.values().stream()
                .filter(other ->
                        other.name().equals(resident.name) && !other.file().equals(file))
                .max((a, b) -> version(a).compareTo(version(b)))
                .orElse(null);
        settle(resident);
    }

    /** Configurations changed, appeared or vanished. */
    void configured(Set<String> plugins) {
        plugins.stream().filter(residents::containsKey).map(this::resident).forEach(this::settle);
        flip();
    }

    /** Makes the best of a plugin's jar and configuration as they are now. */
    private void settle(Resident resident) {
        try {
            if (disabled.contains(resident.name)) {
                retire(resident);
                resident.is(State.DISABLED, "enable it with: posthouse plugin enable " + resident.name);
            } else if (resident.jar == null) {
                retire(resident);
                lost(resident, "its jar is gone");
            } else {
                raise(resident, complete(resident.jar));
            }
        } catch (HouseException | RuntimeException e) {
            LOG.warn("Plugin {} {}", resident.name, e.getMessage(), e instanceof RuntimeException ? e : null);
            refused(resident, String.valueOf(e.getMessage()));
        }
        if (resident.jar != null) {
            resident.jar = resident.jar.lighter();
        }
    }

    /** The jar with its octets, read again when they were not kept. */
    private PluginJar complete(PluginJar jar) throws HouseException {
        if (jar.octets().length > 0 || tenancies.lodges(jar)) {
            return jar;
        }
        return PluginJar.read(jar.file(), scratch);
    }

    private void raise(Resident resident, PluginJar jar) throws HouseException {
        switch (tenancies.raise(jar, resident.serving)) {
            case Tenancies.Raised.Same same -> resident.is(State.ACTIVE, "");
            case Tenancies.Raised.Waiting waiting -> {
                retire(resident);
                lost(resident, "there is no configuration for it: plugins/" + resident.name + ".yaml");
            }
            case Tenancies.Raised.Refused refused -> {
                refused.findings().forEach(finding -> LOG.warn("Plugin {}: {}", resident.name, finding));
                refused(resident, "configuration refused: " + String.join("; ", refused.findings()));
            }
            case Tenancies.Raised.Serving serving -> takeOver(resident, serving.tenancy());
        }
    }

    private void takeOver(Resident resident, Tenancy next) throws HouseException {
        PluginJar jar = next.lodging().jar();
        try {
            List<HookSpec> all = new ArrayList<>();
            residents.values().stream().filter(other -> other != resident).forEach(other -> all.addAll(hooksOf(other)));
            all.addAll(jar.hooks());
            Roster.check(all, rules.get());
            expected.join(resident.name, jar.hooks()); // Before it is asked, so that a crash can not forget it.
        } catch (HouseException e) {
            tenancies.end(next);
            throw e;
        } catch (IOException e) {
            tenancies.end(next);
            throw new HouseException("could not be written to the list of expected hooks: " + e.getMessage(), e);
        }
        Tenancy before = resident.serving;
        resident.serving = next;
        resident.is(State.ACTIVE, "");
        LOG.info(
                "Plugin {} {} serves{}",
                next.generation(),
                jar.version(),
                before == null ? "" : ", before: " + before.generation().label());
        tell(
                resident.name,
                before == null ? "active" : "swapped",
                next.generation().label());
        if (before != null) {
            tenancies.leave(before, Duration.ofMillis(rules.get().drainMillis()));
        }
    }

    /** Raises a candidate for a replay; nothing else changes. */
    Tenancy raise(Replays.Candidate candidate) throws HouseException {
        PluginJar jar;
        if (candidate.jar() != null) {
            jar = PluginJar.read(candidate.jar(), scratch);
        } else {
            Resident resident = residents.get(candidate.plugin());
            if (resident == null || resident.jar == null) {
                throw new HouseException("there is no jar of plugin " + candidate.plugin());
            }
            jar = complete(resident.jar);
        }
        if (!jar.name().equals(candidate.plugin())) {
            throw new HouseException("the jar is plugin " + jar.name() + " and not " + candidate.plugin());
        }
        return tenancies.rehearse(jar, candidate.settings());
    }

    private List<HookSpec> hooksOf(Resident resident) {
        Tenancy serving = resident.serving;
        return serving == null
                ? expected.hooks(resident.name)
                : List.copyOf(serving.hooks().keySet());
    }

    /** Nothing of the plugin serves any more; its transactions finish. */
    private void retire(Resident resident) {
        if (resident.serving != null) {
            tenancies.leave(resident.serving, Duration.ofMillis(rules.get().drainMillis()));
            resident.serving = null;
        }
    }

    /** Services of plugins have gone: whose bundle was stopped behind our back is missing at once. */
    void inspect() {
        for (Resident resident : List.copyOf(residents.values())) {
            Tenancy serving = resident.serving;
            if (serving != null && !tenancies.stands(serving)) {
                resident.serving = null;
                serving.generation().cut();
                lost(resident, "its bundle was stopped; start it again with: posthouse plugin enable " + resident.name);
                flip();
                tenancies.end(serving);
            }
        }
    }

    private void lost(Resident resident, String why) {
        if (!expected.expects(resident.name)) {
            resident.is(State.WAITING, why);
            LOG.info("Plugin {} is waiting: {}", resident.name, why);
            return;
        }
        String accept = "; its hooks answer with their failure verdict. Put it back, or accept the loss with: posthouse"
                + " plugin remove " + resident.name;
        resident.is(State.MISSING, why + accept);
        LOG.warn("Plugin {} is missing: {}{}", resident.name, why, accept);
        tell(resident.name, "missing", why);
    }

    private void refused(Resident resident, String why) {
        if (resident.serving != null) {
            resident.is(State.ACTIVE, "the generation in force stays: " + why);
        } else if (expected.expects(resident.name)) {
            lost(resident, why);
        } else {
            resident.is(State.FAILED, why);
        }
        tell(resident.name, "refused", why);
    }

    private void tell(String plugin, String what, String detail) {
        events.publish(Event.of(Event.Type.PLUGIN)
                .with("plugin", plugin)
                .with("action", what)
                .with("detail", detail)
                .build());
    }

    /** The pipeline asks what serves now; what is expected and not there keeps its place. */
    void flip() {
        residents
                .values()
                .removeIf(r ->
                        r.jar == null && r.serving == null && !expected.expects(r.name) && !disabled.contains(r.name));
        Map<HookSpec, Tenancy> serving = new HashMap<>();
        List<HookSpec> missing = new ArrayList<>();
        for (Resident resident : residents.values()) {
            Tenancy tenancy = resident.serving;
            if (tenancy != null) {
                tenancy.hooks().keySet().forEach(spec -> serving.put(spec, tenancy));
            } else if (!disabled.contains(resident.name)) {
                missing.addAll(expected.hooks(resident.name));
            }
        }
        roster.flip(serving, missing, rules.get());
        view = residents.values().stream().map(this::line).toList();
        tenancies.sweep();
    }

    private Plugin line(Resident resident) {
        PluginJar jar = resident.serving == null
                ? resident.jar
                : resident.serving.lodging().jar();
        List<HookSpec> hooks = jar == null ? expected.hooks(resident.name) : jar.hooks();
        return new Plugin(
                resident.name,
                jar == null ? "" : jar.version(),
                resident.state.name().toLowerCase(Locale.ROOT),
                resident.serving == null ? "" : resident.serving.generation().label(),
                resident.detail,
                hooks.stream().map(HookSpec::name).distinct().toList());
    }

    List<Plugin> list() {
        return view;
    }

    void disable(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> {
            disabled.add(name);
            disabledFile.write(List.copyOf(disabled));
            expected.leave(name);
        });
        settle(resident);
        tell(name, "disabled", "");
        flip();
    }

    void enable(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> {
            disabled.remove(name);
            disabledFile.write(List.copyOf(disabled));
        });
        settle(resident);
        tell(name, "enabled", "");
        flip();
    }

    void remove(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> {
            for (PluginJar jar : List.copyOf(files.values())) {
                if (jar.name().equals(name)) {
                    Files.deleteIfExists(jar.file());
                    files.remove(jar.file());
                }
            }
            expected.leave(name);
            disabled.remove(name);
            disabledFile.write(List.copyOf(disabled));
        });
        resident.jar = null;
        retire(resident);
        tell(name, "removed", "");
        LOG.info("Plugin {} was removed", name);
        flip();
    }

    private Resident known(String name) throws PluginException {
        @Nullable Resident resident = residents.get(name);
        if (resident == null) {
            throw new PluginException("There is no plugin " + name + "; there are: " + residents.keySet());
        }
        return Objects.requireNonNull(resident);
    }

    /** A change of durable state. */
    @FunctionalInterface
    private interface Writing {
        void run() throws IOException;
    }

    private static void write(Writing writing) throws PluginException {
        try {
            writing.run();
        } catch (IOException e) {
            LOG.error("The state of plugins could not be written", e);
            throw new PluginException("The change could not be written: " + e.getMessage());
        }
    }
}
