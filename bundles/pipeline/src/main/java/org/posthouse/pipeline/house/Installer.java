// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.HookSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Raises a generation of a jar with its configuration, and lets it take over only when it serves. */
final class Installer {
    private static final Logger LOG = LoggerFactory.getLogger(Installer.class);

    private final Residents residents;
    private final Shelf shelf;
    private final Books books;
    private final Tenancies tenancies;
    private final Pairs pairs;
    private final Profiles profiles;
    private final Supplier<HookRules> rules;
    private final Herald herald;

    Installer(
            Residents residents,
            Shelf shelf,
            Books books,
            Tenancies tenancies,
            Pairs pairs,
            Profiles profiles,
            Supplier<HookRules> rules,
            Herald herald) {
        this.residents = residents;
        this.shelf = shelf;
        this.books = books;
        this.tenancies = tenancies;
        this.pairs = pairs;
        this.profiles = profiles;
        this.rules = rules;
        this.herald = herald;
    }

    /** A generation that is about to take over, from which one, and which one judges the rest of the sessions. */
    private record Succession(
            PluginJar jar,
            Arrival how,
            Tenancy next,
            @Nullable Tenancy before,
            @Nullable Tenancy stable,
            @Nullable Tenancy beside) {
        boolean newJar() {
            return before != null && !before.sameJar(next);
        }
    }

    /**
     * Makes the jar serve with the configuration that stands now.
     *
     * @throws HouseException when nothing was changed, and why
     */
    void raise(Resident resident, PluginJar jar, Arrival how) throws HouseException {
        if (!how.byUs() && resident.serving == null && waits(jar)) {
            // Not even installed: most starts would install, resolve and take away what nobody has configured.
            await(resident, jar, how);
            return;
        }
        switch (tenancies.raise(jar, resident.serving)) {
            case Tenancies.Raised.Same same -> {
                put(jar, how);
                resident.is(Resident.State.ACTIVE, "");
            }
            case Tenancies.Raised.Waiting waiting -> await(resident, jar, how);
            case Tenancies.Raised.Refused refused -> {
                String why = "configuration refused: " + String.join("; ", refused.findings());
                throw new HouseException(how.byUs() ? "can not serve: " + why : why);
            }
            case Tenancies.Raised.Serving serving -> takeOver(resident, jar, how, serving.tenancy());
        }
    }

    /** Whether it can only wait for a configuration. */
    boolean waits(PluginJar jar) {
        return jar.requiresConfiguration() && !tenancies.configured(jar);
    }

    /** Without a configuration nothing of the plugin serves. */
    private void await(Resident resident, PluginJar jar, Arrival how) throws HouseException {
        String why = "there is no configuration for it: write plugins/" + resident.name
                + ".yaml beside the main configuration file; an empty one takes every default";
        if (how.byUs() && resident.serving != null) {
            throw new HouseException("can not serve: " + why);
        }
        put(jar, how);
        residents.retire(resident);
        lost(resident, why);
    }

    private void put(PluginJar jar, Arrival how) throws HouseException {
        if (how.byUs()) {
            shelf.put(jar);
        }
    }

    private void takeOver(Resident resident, PluginJar jar, Arrival how, Tenancy next) throws HouseException {
        Tenancy before = resident.serving;
        Tenancy stable = resident.beside == null ? before : resident.beside;
        boolean newJar = before != null && !before.sameJar(next);
        Tenancy beside = newJar ? pairs.beside(next, stable, how) : resident.beside;
        Succession change = new Succession(jar, how, next, before, stable, beside);
        record(resident, change);
        follow(resident, change);
        resident.is(Resident.State.ACTIVE, "");
        herald.serves(next, before);
        if (newJar && how != Arrival.BACK) {
            contradictions(jar);
        }
    }

    /** Before the new generation is asked, so that a crash can not forget it. */
    private void record(Resident resident, Succession change) throws HouseException {
        try {
            residents.check(resident, change.next(), change.beside());
            losesNone(resident, change);
            if (change.newJar() || change.before() == null) {
                keep(resident, change);
            }
            books.expected().join(resident.name, change.next().specs(change.beside()));
            if (change.newJar()) {
                books.canaries().set(resident.name, change.beside() != null);
            }
            put(change.jar(), change.how());
        } catch (HouseException e) {
            tenancies.end(change.next());
            throw e;
        } catch (IOException e) {
            tenancies.end(change.next());
            throw new HouseException("could not be written to the state of plugins: " + e.getMessage(), e);
        }
    }

    /** Only the operator's word takes a hook away: a jar that somebody dropped and that lacks one is perhaps a bad build. */
    private void losesNone(Resident resident, Succession change) throws HouseException, IOException {
        // At a start each jar counts as dropped, and more may be expected: of a canary, or of one that was taken back.
        if (change.how() != Arrival.DROPPED || books.kept().served(change.jar())) {
            return;
        }
        Set<String> there = change.next().specs(change.beside()).stream()
                .map(Installer::place)
                .collect(Collectors.toSet());
        for (HookSpec expected : books.expected().hooks(resident.name)) {
            if (!there.contains(place(expected))
                    && !rules.get().rule(expected.name()).off()) {
                throw new HouseException("has no hook " + place(expected)
                        + " any more, which is expected: install it by 'posthouse plugin install' to do without");
            }
        }
    }

    private static String place(HookSpec hook) {
        return hook.name() + " at " + hook.stage().name().toLowerCase(Locale.ROOT);
    }

    private void keep(Resident resident, Succession change) throws IOException {
        if (change.how() == Arrival.BACK) {
            books.kept().back(change.jar());
        } else {
            books.kept().serves(change.jar(), books.canaries().contains(resident.name));
        }
    }

    private void follow(Resident resident, Succession change) {
        Tenancy besideBefore = resident.beside;
        Tenancy stable = change.stable();
        resident.serving = change.next();
        resident.beside = change.beside();
        residents.leaveUnless(change.before(), change.beside());
        residents.leaveUnless(besideBefore, change.beside());
        if (change.newJar()) {
            resident.watch = change.how() == Arrival.BACK || stable == null || stable.sameJar(change.next())
                    ? null
                    : Watch.begin(stable.generation(), rules.get().watching());
        }
    }

    private void contradictions(PluginJar jar) {
        try {
            profiles.undeclared(jar).forEach(line -> LOG.warn("Plugin {} {}: {}", jar.name(), jar.version(), line));
        } catch (HouseException e) {
            LOG.warn("Plugin {} {} {}", jar.name(), jar.version(), e.getMessage());
        }
    }

    /** A jar or a configuration was refused: what serves goes on, and what does not is missed where it is expected. */
    void refused(Resident resident, String why) {
        if (resident.serving != null) {
            resident.is(Resident.State.ACTIVE, "the generation in force stays: " + why);
        } else if (books.expected().expects(resident.name)) {
            lost(resident, why);
        } else {
            resident.is(Resident.State.FAILED, why);
        }
        herald.tell(resident.name, "refused", why);
    }

    /** Nothing of the plugin serves. */
    void lost(Resident resident, String why) {
        herald.absent(resident, why, books.expected().expects(resident.name));
    }
}
