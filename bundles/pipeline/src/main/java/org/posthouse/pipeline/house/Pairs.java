// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two versions of one plugin side by side: the newest judges a share of the sessions, the one before the rest. */
final class Pairs {
    private static final Logger LOG = LoggerFactory.getLogger(Pairs.class);

    private final Residents residents;
    private final Shelf shelf;
    private final Books books;
    private final Tenancies tenancies;
    private final Supplier<HookRules> rules;
    private final Herald herald;

    Pairs(
            Residents residents,
            Shelf shelf,
            Books books,
            Tenancies tenancies,
            Supplier<HookRules> rules,
            Herald herald) {
        this.residents = residents;
        this.shelf = shelf;
        this.books = books;
        this.tenancies = tenancies;
        this.rules = rules;
        this.herald = herald;
    }

    /** The generation that judges the rest of the sessions when a new version is tried on a share of them. */
    @Nullable
    Tenancy beside(Tenancy next, @Nullable Tenancy stable, Arrival how) {
        boolean whole = how == Arrival.BACK || stable == null || stable.sameJar(next);
        return whole || rules.get().share(next.specs(stable)) >= 100 ? null : stable;
    }

    /** After a restart two versions stand side by side again, as they did before. */
    void reunite(Resident resident) {
        Tenancy serving = resident.serving;
        if (serving == null || resident.beside != null || !books.canaries().contains(resident.name)) {
            return;
        }
        try {
            PluginJar before = shelf.read(books.kept().previous(resident.name));
            if (rules.get().share(serving.jar().hooks()) < 100
                    && !before.hash().equals(serving.jar().hash())
                    && tenancies.raise(before, null) instanceof Tenancies.Raised.Serving stable) {
                adopt(resident, serving, stable.tenancy());
                resident.watch =
                        Watch.begin(stable.tenancy().generation(), rules.get().watching());
                return;
            }
            books.canaries().set(resident.name, false);
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
            residents.check(resident, serving, stable);
            books.expected().join(resident.name, serving.specs(stable));
        } catch (HouseException | IOException e) {
            tenancies.end(stable);
            throw e;
        }
        resident.beside = stable;
    }

    /** The version that stands beside the newest one gets the configuration as it is now, too. */
    void renew(Resident resident) {
        Tenancy stable = resident.beside;
        if (stable == null) {
            return;
        }
        try {
            switch (tenancies.raise(stable.jar(), stable)) {
                case Tenancies.Raised.Same same -> {}
                case Tenancies.Raised.Serving serving -> {
                    resident.beside = serving.tenancy();
                    residents.leave(stable);
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

    /** The shares may have changed: a version that judges all sessions now lets the one before go. */
    void ruled() {
        for (Resident resident : residents.all()) {
            Tenancy serving = resident.serving;
            Tenancy stable = resident.beside;
            if (serving != null && stable != null && residents.share(resident) >= 100) {
                promote(resident, serving, stable);
            }
        }
    }

    private void promote(Resident resident, Tenancy serving, Tenancy stable) {
        try {
            books.expected().join(resident.name, serving.jar().hooks());
            books.canaries().set(resident.name, false);
        } catch (IOException e) {
            LOG.error("Plugin {}: the version before can not leave: the state can not be written", resident.name, e);
            return;
        }
        resident.beside = null;
        residents.leave(stable);
        resident.watch = Watch.begin(stable.generation(), rules.get().watching());
        LOG.info("Plugin {} judges all sessions; {} leaves", serving.generation(), stable.generation());
        herald.tell(resident.name, "promoted", serving.generation().label());
    }

    /** The version before, whose jar this is, judges all sessions again. */
    void end(Resident resident, Tenancy stable, PluginJar jar) throws HouseException {
        try {
            books.expected().join(resident.name, stable.jar().hooks());
            books.kept().back(jar);
            shelf.put(jar);
            books.canaries().set(resident.name, false);
        } catch (IOException e) {
            throw new HouseException("could not be written to the state of plugins: " + e.getMessage(), e);
        }
        Tenancy canary = resident.serving;
        resident.serving = stable;
        resident.beside = null;
        resident.is(Resident.State.ACTIVE, "");
        herald.serves(stable, canary);
        residents.leaveUnless(canary, null);
    }
}
