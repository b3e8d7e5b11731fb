// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.posthouse.api.Event;
import org.posthouse.pipeline.Counts;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.house.Resident.State;
import org.posthouse.pipeline.spi.Plugins.Plugin;
import org.posthouse.pipeline.spi.Plugins.PluginException;
import org.posthouse.pipeline.spi.Plugins.Profile;
import org.posthouse.pipeline.spi.Plugins.Standing;
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
    private final DurableNames disabled;
    private final DurableNames canaries;
    private final KeptJars kept;
    private final Profiles profiles;
    private final Tenancies tenancies;
    private final Roster roster;
    private final Supplier<HookRules> rules;
    private final EventSink events;
    private final HouseMeters meters;
    private final Path dataDir;
    private final Map<Path, PluginJar> files = new TreeMap<>();
    private final Map<String, Resident> residents = new TreeMap<>();
    private volatile List<Plugin> view = List.of();

    /** How a jar came. */
    private enum Arrival {
        /** Somebody put it into the folder, or it was there. */
        DROPPED,
        /** By command; it stands in the folder only when it serves. */
        INSTALLED,
        /** It served before and is put back, which is neither watched nor tried on a share. */
        BACK;

        boolean byUs() {
            return this != DROPPED;
        }
    }

    /**
     * Opens the house; nothing is asked before {@link #scan()}.
     *
     * @param dataDir where plugins and state are kept
     * @throws IOException when the durable lists can not be read
     */
    PluginHouse(
            Path dataDir,
            Tenancies tenancies,
            Roster roster,
            Supplier<HookRules> rules,
            EventSink events,
            HouseMeters meters)
            throws IOException {
        this.dataDir = dataDir;
        this.folder = dataDir.resolve("plugins");
        Path state = dataDir.resolve("state");
        this.scratch = state.resolve("incoming");
        this.expected = ExpectedHooks.open(state.resolve("expected-hooks"));
        this.disabled = new DurableNames(state.resolve("disabled-plugins"));
        this.canaries = new DurableNames(state.resolve("canary-plugins"));
        this.kept = new KeptJars(state);
        this.profiles = new Profiles(tenancies);
        this.tenancies = tenancies;
        this.roster = roster;
        this.rules = rules;
        this.events = events;
        this.meters = meters;
        Files.createDirectories(folder);
        KeptJars.sweep(folder);
    }

    Path folder() {
        return folder;
    }

    /** Takes every jar that is there. */
    void scan() {
        for (Path file : jars()) {
            try {
                PluginJar jar = read(file);
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
        disabled.all().forEach(this::resident);
        residents.values().forEach(this::settle);
        flip();
    }

    private PluginJar read(Path file) throws HouseException {
        return PluginJar.read(file, scratch, trust());
    }

    private Trust trust() {
        return Trust.of(dataDir, rules.get().trustedCertificates());
    }

    /** After a restart two versions stand side by side again, as they did before. */
    private void reunite(Resident resident) {
        Tenancy serving = resident.serving;
        if (serving == null || resident.beside != null || !canaries.contains(resident.name)) {
            return;
        }
        try {
            PluginJar before = read(kept.previous(resident.name));
            if (rules.get().share(serving.jar().hooks()) < 100
                    && !before.hash().equals(serving.jar().hash())
                    && tenancies.raise(before, null) instanceof Tenancies.Raised.Serving stable) {
                adopt(resident, serving, stable.tenancy());
                resident.watch = watch(stable.tenancy());
                return;
            }
            canaries.set(resident.name, false);
        } catch (HouseException | IOException e) {
            LOG.warn(
                    "Plugin {}: the version before can not stand beside {} again, which judges all sessions now: {}",
                    resident.name,
                    serving.generation(),
                    e.getMessage());
        }
    }

    private void adopt(Resident resident, Tenancy serving, Tenancy stable) throws HouseException, IOException {
        try {
            check(resident, serving, stable);
            expected.join(resident.name, hooks(serving, stable));
        } catch (HouseException | IOException e) {
            tenancies.end(stable);
            throw e;
        }
        resident.beside = stable;
    }

    private @Nullable Watch watch(Tenancy before) {
        long millis = rules.get().watching().millis();
        return millis == 0 ? null : new Watch(before.generation(), Instant.now().plusMillis(millis));
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
        PluginJar jar = read(file);
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
                raise(resident, complete(resident.jar), Arrival.DROPPED);
                renew(resident);
                reunite(resident);
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
        Tenancy serving = tenancies.lodges(jar) ? newest(jar.name()) : null;
        if (jar.octets().length > 0 || serving != null && serving.jar().hash().equals(jar.hash())) {
            return jar;
        }
        return read(jar.file());
    }

    private @Nullable Tenancy newest(String name) {
        return resident(name).serving;
    }

    /** The version that stands beside the newest one gets the configuration as it is now, too. */
    private void renew(Resident resident) {
        Tenancy stable = resident.beside;
        if (stable == null) {
            return;
        }
        try {
            switch (tenancies.raise(stable.jar(), stable)) {
                case Tenancies.Raised.Same same -> {}
                case Tenancies.Raised.Serving serving -> {
                    resident.beside = serving.tenancy();
                    leave(stable);
                }
                case Tenancies.Raised.Waiting waiting ->
                    LOG.warn("Plugin {}: goes on with its configuration: there is none now", stable.generation());
                case Tenancies.Raised.Refused refused ->
                    LOG.warn("Plugin {}: goes on with its configuration: {}", stable.generation(), refused.findings());
            }
        } catch (HouseException e) {
            LOG.warn("Plugin {}: goes on with its configuration: {}", stable.generation(), e.getMessage());
        }
    }

    private void raise(Resident resident, PluginJar jar, Arrival how) throws HouseException {
        switch (tenancies.raise(jar, resident.serving)) {
            case Tenancies.Raised.Same same -> {
                put(jar, how);
                resident.is(State.ACTIVE, "");
            }
            case Tenancies.Raised.Waiting waiting -> {
                String why = "there is no configuration for it: write plugins/" + resident.name
                        + ".yaml beside the main configuration file; an empty one will do where every key has a default";
                if (how.byUs() && resident.serving != null) {
                    throw new HouseException("can not serve: " + why);
                }
                put(jar, how);
                retire(resident);
                lost(resident, why);
            }
            case Tenancies.Raised.Refused refused -> {
                String why = "configuration refused: " + String.join("; ", refused.findings());
                if (how.byUs()) {
                    throw new HouseException("can not serve: " + why);
                }
                refused.findings().forEach(finding -> LOG.warn("Plugin {}: {}", resident.name, finding));
                refused(resident, why);
            }
            case Tenancies.Raised.Serving serving -> takeOver(resident, serving.tenancy(), jar, how);
        }
    }

    /** Puts a jar that came by command into the folder, where its plugin's other jars would be in its way. */
    private void put(PluginJar jar, Arrival how) throws HouseException {
        if (!how.byUs()) {
            return;
        }
        try {
            KeptJars.write(jar.file(), jar.octets());
            for (PluginJar other : List.copyOf(files.values())) {
                if (other.name().equals(jar.name()) && !other.file().equals(jar.file())) {
                    Files.deleteIfExists(other.file());
                    files.remove(other.file());
                }
            }
        } catch (IOException e) {
            throw new HouseException("can not be written to " + jar.file() + ": " + e.getMessage(), e);
        }
        files.put(jar.file(), jar.lighter()); // So that it is known already when FileInstall hands it over.
    }

    private void takeOver(Resident resident, Tenancy next, PluginJar jar, Arrival how) throws HouseException {
        Tenancy before = resident.serving;
        boolean newJar = before != null && !before.sameJar(next);
        Tenancy stable = resident.beside == null ? before : resident.beside;
        Tenancy beside = newJar ? canary(next, stable, how) : resident.beside;
        try {
            check(resident, next, beside);
            if (newJar || before == null) {
                keep(resident, jar, how);
            }
            // Before it is asked, so that a crash can not forget it.
            expected.join(resident.name, hooks(next, beside));
            if (newJar) {
                canaries.set(resident.name, beside != null);
            }
            put(jar, how);
        } catch (HouseException e) {
            tenancies.end(next);
            throw e;
        } catch (IOException e) {
            tenancies.end(next);
            throw new HouseException("could not be written to the state of plugins: " + e.getMessage(), e);
        }
        Tenancy besideBefore = resident.beside;
        resident.serving = next;
        resident.beside = beside;
        leaveUnless(before, beside);
        leaveUnless(besideBefore, beside);
        if (newJar) {
            resident.watch = how == Arrival.BACK || stable == null || stable.sameJar(next) ? null : watch(stable);
        }
        announce(resident, next, before);
        if (newJar && how != Arrival.BACK) {
            contradictions(jar);
        }
    }

    /** The generation that judges the rest of the sessions when a new version is tried on a share of them. */
    private @Nullable Tenancy canary(Tenancy next, @Nullable Tenancy stable, Arrival how) {
        boolean whole = how == Arrival.BACK || stable == null || stable.sameJar(next);
        return whole || rules.get().share(hooks(next, stable)) >= 100 ? null : stable;
    }

    private void keep(Resident resident, PluginJar jar, Arrival how) throws IOException {
        if (how == Arrival.BACK) {
            kept.back(jar);
        } else {
            kept.serves(jar, canaries.contains(resident.name));
        }
    }

    private void announce(Resident resident, Tenancy next, @Nullable Tenancy before) {
        resident.is(State.ACTIVE, "");
        LOG.info(
                "Plugin {} {} serves{}",
                next.generation(),
                next.jar().version(),
                before == null ? "" : ", before: " + before.generation().label());
        tell(
                resident.name,
                before == null ? "active" : "swapped",
                next.generation().label());
        if (before != null) {
            meters.swapped(resident.name);
        }
    }

    /** Raises a candidate for a replay; nothing else changes. */
    Tenancy raise(Replays.Candidate candidate) throws HouseException {
        PluginJar jar;
        if (candidate.jar() != null) {
            jar = read(candidate.jar());
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

    private void contradictions(PluginJar jar) {
        try {
            profiles.undeclared(jar).forEach(line -> LOG.warn("Plugin {} {}: {}", jar.name(), jar.version(), line));
        } catch (HouseException e) {
            LOG.warn("Plugin {} {} {}", jar.name(), jar.version(), e.getMessage());
        }
    }

    private void check(Resident resident, Tenancy next, @Nullable Tenancy beside) throws HouseException {
        List<Seat> all = new ArrayList<>();
        residents.values().stream().filter(other -> other != resident).forEach(other -> all.addAll(seats(other)));
        next.hooks().keySet().forEach(spec -> all.add(Seat.whole(spec, next)));
        if (beside != null) {
            beside.hooks().keySet().forEach(spec -> all.add(Seat.whole(spec, beside)));
        }
        Roster.check(all, rules.get());
    }

    /** The hooks of both, each once; what the newer one declares counts. */
    private static List<HookSpec> hooks(Tenancy newer, @Nullable Tenancy older) {
        List<HookSpec> all = new ArrayList<>(newer.jar().hooks());
        if (older != null) {
            older.jar().hooks().stream()
                    .filter(spec -> all.stream()
                            .noneMatch(
                                    o -> o.stage() == spec.stage() && o.name().equals(spec.name())))
                    .toList()
                    .forEach(all::add);
        }
        return all;
    }

    /** Nothing of the plugin serves any more; its transactions finish. */
    private void retire(Resident resident) {
        leaveUnless(resident.serving, null);
        leaveUnless(resident.beside, null);
        resident.serving = null;
        resident.beside = null;
        resident.watch = null;
    }

    private void leaveUnless(@Nullable Tenancy tenancy, @Nullable Tenancy stays) {
        if (tenancy != null && tenancy != stays) {
            leave(tenancy);
        }
    }

    private void leave(Tenancy tenancy) {
        tenancies.leave(tenancy, Duration.ofMillis(rules.get().drainMillis()));
    }

    /** Services of plugins have gone: whose bundle was stopped behind our back is missing at once. */
    void inspect() {
        for (Resident resident : List.copyOf(residents.values())) {
            Tenancy beside = resident.beside;
            if (beside != null && !tenancies.stands(beside)) {
                resident.beside = null;
                cut(resident, beside);
            }
            Tenancy serving = resident.serving;
            if (serving != null && !tenancies.stands(serving)) {
                resident.serving = resident.beside;
                resident.beside = null;
                resident.watch = null;
                if (resident.serving == null) {
                    lost(
                            resident,
                            "its bundle was stopped; start it again with: posthouse plugin enable " + resident.name);
                }
                cut(resident, serving);
            }
        }
    }

    /** Ends what stands no more; where two versions stood side by side, the other one judges all sessions. */
    private void cut(Resident resident, Tenancy tenancy) {
        tenancy.generation().cut();
        if (resident.serving != null) {
            LOG.warn(
                    "Plugin {}: its bundle was stopped; {} judges all sessions",
                    tenancy.generation(),
                    resident.serving.generation());
        }
        flip();
        tenancies.end(tenancy);
    }

    /** The rules of hooks or their order changed: a version that judges all sessions now lets the one before go. */
    void ruled() {
        for (Resident resident : residents.values()) {
            Tenancy serving = resident.serving;
            Tenancy stable = resident.beside;
            if (serving != null && stable != null && rules.get().share(hooks(serving, stable)) >= 100) {
                promote(resident, serving, stable);
            }
        }
        flip();
    }

    private void promote(Resident resident, Tenancy serving, Tenancy stable) {
        try {
            expected.join(resident.name, serving.jar().hooks());
            canaries.set(resident.name, false);
        } catch (IOException e) {
            LOG.error("Plugin {}: the version before can not leave: the state can not be written", resident.name, e);
            return;
        }
        resident.beside = null;
        leave(stable);
        resident.watch = watch(stable);
        LOG.info("Plugin {} judges all sessions; {} leaves", serving.generation(), stable.generation());
        tell(resident.name, "promoted", serving.generation().label());
    }

    /** Looks at the versions that are watched: one that does badly is rolled back, one whose time is over is kept. */
    void look() {
        for (Resident resident : List.copyOf(residents.values())) {
            Watch watch = resident.watch;
            Tenancy serving = resident.serving;
            if (watch == null || serving == null) {
                continue;
            }
            Optional<String> finding =
                    watch.finding(serving.generation(), rules.get().watching());
            if (finding.isPresent()) {
                withdraw(resident, serving, finding.get());
            } else if (resident.beside == null && Instant.now().isAfter(watch.until())) {
                resident.watch = null;
                Counts.Sum sum = serving.generation().sum();
                String what = serving.generation().label() + ": " + sum.failures() + " failures of " + sum.answers()
                        + " answers";
                LOG.info(
                        "Plugin {} {} is kept: {}", resident.name, serving.jar().version(), what);
                tell(resident.name, "kept", what);
            }
        }
    }

    private void withdraw(Resident resident, Tenancy bad, String measure) {
        try {
            back(resident);
            flip(); // Before it is told, so that who hears of it finds it done.
            LOG.warn(
                    "Plugin {} {} was rolled back to {}: {}. Its jar is kept as {}",
                    bad.generation(),
                    bad.jar().version(),
                    resident.serving == null ? "" : resident.serving.jar().version(),
                    measure,
                    kept.previous(resident.name));
            meters.rolledBack(resident.name, true);
            tell(resident.name, "rolled back", measure);
        } catch (HouseException | RuntimeException e) {
            resident.watch = null;
            LOG.error(
                    "Plugin {} does badly ({}) and can not be rolled back: {}; it goes on",
                    bad.generation(),
                    measure,
                    e.getMessage(),
                    e);
            tell(resident.name, "not rolled back", measure + "; " + e.getMessage());
        }
    }

    /** Puts the jar before back; the one in force is kept in its place. */
    private void back(Resident resident) throws HouseException {
        Path copy = kept.previous(resident.name);
        if (!Files.exists(copy)) {
            throw new HouseException("has no version before this one: " + copy + " is not there");
        }
        PluginJar jar = read(copy).at(home(resident.name));
        Tenancy stable = resident.beside;
        if (!jar.name().equals(resident.name)) {
            throw new HouseException("can not be rolled back: " + copy + " is a jar of " + jar.name());
        }
        if (stable != null && stable.jar().hash().equals(jar.hash())) {
            endCanary(resident, stable, jar);
        } else {
            raise(resident, jar, Arrival.BACK);
        }
        resident.jar = jar.lighter();
        resident.watch = null;
    }

    /** The version before stands already: it judges all sessions again. */
    private void endCanary(Resident resident, Tenancy stable, PluginJar jar) throws HouseException {
        try {
            expected.join(resident.name, stable.jar().hooks());
            kept.back(jar);
            put(jar, Arrival.BACK);
            canaries.set(resident.name, false);
        } catch (IOException e) {
            throw new HouseException("could not be written to the state of plugins: " + e.getMessage(), e);
        }
        Tenancy canary = resident.serving;
        resident.serving = stable;
        resident.beside = null;
        announce(resident, stable, canary);
        leaveUnless(canary, null);
    }

    private Path home(String plugin) {
        return folder.resolve(plugin + ".jar");
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
        List<Seat> seats = new ArrayList<>();
        residents.values().forEach(resident -> seats.addAll(seats(resident)));
        roster.flip(seats, rules.get());
        view = residents.values().stream().map(this::line).toList();
        sweep();
    }

    /** Ends generations that nobody uses any more. */
    void sweep() {
        tenancies.sweep();
        Map<String, Integer> standing = new TreeMap<>();
        residents.keySet().forEach(name -> standing.put(name, tenancies.standing(name)));
        meters.standing(standing);
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
        } else if (!disabled.contains(resident.name)) {
            expected.hooks(resident.name).forEach(spec -> seats.add(Seat.whole(spec, null)));
        }
        return seats;
    }

    /** The percent of sessions that the newest generation judges. */
    private int share(Resident resident) {
        Tenancy beside = resident.beside;
        return resident.serving == null || beside == null ? 100 : rules.get().share(hooks(resident.serving, beside));
    }

    private Plugin line(Resident resident) {
        PluginJar jar = resident.serving == null ? resident.jar : resident.serving.jar();
        List<HookSpec> hooks = jar == null ? expected.hooks(resident.name) : jar.hooks();
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

    List<Plugin> list() {
        return view;
    }

    void disable(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> {
            disabled.set(name, true);
            expected.leave(name);
        });
        settle(resident);
        tell(name, "disabled", "");
        flip();
    }

    void enable(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> {
            disabled.set(name, false);
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
            disabled.set(name, false);
            canaries.set(name, false);
            kept.forget(name);
        });
        resident.jar = null;
        retire(resident);
        tell(name, "removed", "");
        LOG.info("Plugin {} was removed", name);
        flip();
    }

    /**
     * Takes a jar by command: it stands in the folder when it serves, and else nothing was changed.
     *
     * @throws PluginException when it was refused, and why
     */
    Plugin install(Path source) throws PluginException {
        try {
            PluginJar read = read(source);
            PluginJar jar = read.at(home(read.name()));
            PluginJar there = files.get(jar.file());
            if (there != null && !there.name().equals(jar.name())) {
                throw new HouseException("can not stand at " + jar.file() + ": plugin " + there.name() + " is there");
            }
            Resident known = residents.get(jar.name());
            Resident resident = known == null ? new Resident(jar.name()) : known;
            if (disabled.contains(jar.name())) {
                put(jar, Arrival.INSTALLED);
            } else {
                raise(resident, jar, Arrival.INSTALLED);
            }
            residents.put(jar.name(), resident);
            resident.jar = jar.lighter();
            flip();
            return line(resident);
        } catch (HouseException e) {
            LOG.warn("{} was not installed: it {}; nothing was changed", source, e.getMessage());
            tell(String.valueOf(source.getFileName()), "refused", String.valueOf(e.getMessage()));
            throw new PluginException(source.getFileName() + " " + e.getMessage() + "; nothing was changed");
        }
    }

    /** Puts the jar before back. */
    Plugin rollback(String name) throws PluginException {
        Resident resident = known(name);
        Tenancy left = resident.serving;
        if (disabled.contains(name)) {
            throw new PluginException("Plugin " + name + " is disabled; nothing was changed");
        }
        try {
            back(resident);
        } catch (HouseException e) {
            throw new PluginException("Plugin " + name + " " + e.getMessage() + "; nothing was changed");
        }
        meters.rolledBack(name, false);
        tell(
                name,
                "rolled back",
                "by command"
                        + (left == null ? "" : ", from " + left.generation().label()));
        flip();
        return line(resident);
    }

    /** What a jar is; nothing of it is installed. May be called by all. */
    Profile profile(Path source) throws PluginException {
        try {
            return profiles.of(read(source), List.of());
        } catch (HouseException e) {
            throw new PluginException(source.getFileName() + " " + e.getMessage());
        }
    }

    /** What is known of a plugin. */
    Profile show(String name) throws PluginException {
        Resident resident = known(name);
        Path copy = resident.serving == null ? home(name) : kept.serving(name);
        try {
            List<Standing> standings = profiles.standings(resident, share(resident), previous(resident));
            if (resident.serving == null && resident.jar == null) {
                return profiles.missing(name, expected.hooks(name), standings);
            }
            Path file = resident.serving == null && resident.jar != null ? resident.jar.file() : copy;
            return profiles.of(PluginJar.read(file, scratch, Trust.ANYBODY), standings);
        } catch (HouseException e) {
            throw new PluginException("The jar of " + name + " " + e.getMessage());
        }
    }

    /** The jar that a rollback would lead to; null when none is kept. */
    private @Nullable PluginJar previous(Resident resident) throws HouseException {
        Path copy = kept.previous(resident.name);
        return Files.exists(copy) ? PluginJar.read(copy, scratch, Trust.ANYBODY).lighter() : null;
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
