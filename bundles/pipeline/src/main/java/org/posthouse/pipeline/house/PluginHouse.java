// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.posthouse.pipeline.house.Resident.State;
import org.posthouse.pipeline.spi.Plugins.Plugin;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins of this server: what happens around them, and which part of the house answers it.
 *
 * <p>A jar comes from the {@link Shelf} or by one of the {@link Verbs}. The {@link Installer} makes a generation of it with
 * its configuration before it breaks the old one, {@link Pairs} lets the two stand side by side, the {@link Watchman} looks
 * at how the new one does and a {@link Rollback} puts the old one back;
 * {@link Relapses} do so at start, where the process ended under it again and again. The {@link Residents} keep the places of those
 * that are missing, and the {@link Books} outlive the process. Used by one thread; {@link #list()} may be looked at by all.
 */
final class PluginHouse {
    private static final Logger LOG = LoggerFactory.getLogger(PluginHouse.class);

    private final Shelf shelf;
    private final Books books;
    private final Tenancies tenancies;
    private final Residents residents;
    private final Pairs pairs;
    private final Settlement settlement;
    private final Relapses relapses;
    private final Losses losses;
    private final Watchman watchman;
    private final Verbs verbs;

    /**
     * Opens the house; nothing is asked before {@link #scan()}.
     *
     * @param dataDir where plugins and state are kept
     * @throws IOException when the books can not be read
     */
    PluginHouse(
            Path dataDir,
            Tenancies tenancies,
            Roster roster,
            Supplier<HookRules> rules,
            EventSink events,
            HouseMeters meters)
            throws IOException {
        Path state = dataDir.resolve("state");
        Herald herald = new Herald(events, meters);
        Profiles profiles = new Profiles(tenancies);
        this.tenancies = tenancies;
        this.shelf = new Shelf(dataDir, state.resolve("incoming"), rules);
        this.books = Books.open(state);
        this.residents = new Residents(books, tenancies, roster, rules, meters);
        this.pairs = new Pairs(residents, shelf, books, tenancies, rules, herald);
        Installer installer = new Installer(residents, shelf, books, tenancies, pairs, profiles, rules, herald);
        Rollback rollback = new Rollback(shelf, books.kept(), installer, pairs);
        this.settlement = new Settlement(residents, shelf, books, tenancies, installer, pairs, rules);
        this.relapses = new Relapses(residents, shelf, books, herald);
        this.losses = new Losses(residents, tenancies, installer);
        this.watchman = new Watchman(residents, rollback, books.kept(), rules, herald);
        this.verbs = new Verbs(residents, shelf, books, settlement, installer, rollback, profiles, herald);
    }

    Path folder() {
        return shelf.folder();
    }

    /** What the operator may do. */
    Verbs verbs() {
        return verbs;
    }

    List<Plugin> list() {
        return residents.view();
    }

    /** Takes every jar that is there. */
    void scan() {
        for (Path file : shelf.files()) {
            try {
                PluginJar jar = shelf.take(file);
                shelf.stands(jar);
                Resident resident = residents.of(jar.name());
                if (resident.jar == null || Shelf.newer(jar, resident.jar)) {
                    resident.jar = jar;
                }
            } catch (HouseException e) {
                LOG.warn("{} {}; nothing was changed", file, e.getMessage());
            }
        }
        books.expected().plugins().forEach(residents::of);
        books.disabled().all().forEach(residents::of);
        relapses.check();
        settlement.settle(residents.all());
        relapses.resume();
        residents.flip();
    }

    /**
     * A jar was dropped or replaced.
     *
     * @throws HouseException when nothing was changed, and why
     */
    void arrived(Path file) throws HouseException {
        PluginJar before = shelf.at(file);
        if (before != null && shelf.unchanged(file) && settled(residents.of(before.name()))) {
            return; // FileInstall hands over all files once more after a start.
        }
        PluginJar jar = shelf.take(file);
        Resident resident = residents.of(jar.name());
        if (before != null && before.hash().equals(jar.hash()) && settled(resident)) {
            return;
        }
        shelf.stands(jar);
        if (before != null && !before.name().equals(jar.name())) {
            succeed(residents.of(before.name()), file);
        }
        resident.jar = jar;
        settlement.settle(resident);
        residents.flip();
    }

    private static boolean settled(Resident resident) {
        return resident.state != State.FAILED && resident.state != State.MISSING;
    }

    /** A jar was deleted: another one of the plugin takes its place, or its hooks are missing. */
    void gone(Path file) {
        PluginJar jar = shelf.gone(file);
        if (jar != null) {
            succeed(residents.of(jar.name()), file);
            residents.flip();
        }
    }

    private void succeed(Resident resident, Path file) {
        if (resident.jar != null && resident.jar.file().equals(file)) {
            resident.jar = shelf.newest(resident.name, file);
            settlement.settle(resident);
        }
    }

    /** Configurations changed, appeared or vanished. */
    void configured(Set<String> plugins) {
        residents.all().stream()
                .filter(resident -> plugins.contains(resident.name))
                .forEach(settlement::settle);
        residents.flip();
    }

    /** The rules of hooks or their order changed. */
    void ruled() {
        pairs.ruled();
        residents.flip();
    }

    /** Services of plugins have gone. */
    void inspect() {
        losses.inspect();
    }

    /** Time has passed. */
    void look() {
        watchman.look();
        residents.sweep();
    }

    /** Transactions have ended. */
    void sweep() {
        residents.sweep();
    }

    /** The process is being stopped. May be called by all. */
    void stop() {
        books.vigils().stop();
    }

    /** Raises a candidate for a replay; nothing else changes. */
    Tenancy raise(Replays.Candidate candidate) throws HouseException {
        PluginJar jar;
        if (candidate.jar() != null) {
            jar = shelf.read(candidate.jar());
        } else {
            Resident resident = residents.find(candidate.plugin());
            if (resident == null || resident.jar == null) {
                throw new HouseException("there is no jar of plugin " + candidate.plugin());
            }
            jar = settlement.complete(resident.jar);
        }
        if (!jar.name().equals(candidate.plugin())) {
            throw new HouseException("the jar is plugin " + jar.name() + " and not " + candidate.plugin());
        }
        return tenancies.rehearse(jar, candidate.settings());
    }
}
