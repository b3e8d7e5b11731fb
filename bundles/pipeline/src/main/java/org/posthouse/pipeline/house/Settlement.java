// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the best of a plugin's jar and configuration as they are now. */
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    private final Residents residents;
    private final Shelf shelf;
    private final Books books;
    private final Tenancies tenancies;
    private final Installer installer;
    private final Pairs pairs;
    private final Supplier<HookRules> rules;

    Settlement(
            Residents residents,
            Shelf shelf,
            Books books,
            Tenancies tenancies,
            Installer installer,
            Pairs pairs,
            Supplier<HookRules> rules) {
        this.residents = residents;
        this.shelf = shelf;
        this.books = books;
        this.tenancies = tenancies;
        this.installer = installer;
        this.pairs = pairs;
        this.rules = rules;
    }

    /** Makes the best of all plugins, those with the first names first. */
    void settle(Collection<Resident> all) {
        List<PluginJar> jars = new ArrayList<>();
        for (Resident resident : all) {
            PluginJar jar = resident.jar;
            if (jar != null
                    && jar.octets().length > 0
                    && !books.disabled().contains(resident.name)
                    && !tenancies.lodges(jar)
                    && !installer.waits(jar)) {
                jars.add(jar);
            }
        }
        tenancies.expect(jars);
        try {
            all.forEach(this::settle);
        } finally {
            tenancies.unexpected();
        }
    }

    /** Lets serve what can; what can not is refused, waits or is missing, and never more than that. */
    void settle(Resident resident) {
        try {
            if (books.disabled().contains(resident.name)) {
                residents.retire(resident);
                resident.is(Resident.State.DISABLED, "enable it with: posthouse plugin enable " + resident.name);
            } else if (resident.jar == null) {
                residents.retire(resident);
                installer.lost(resident, "its jar is gone");
            } else {
                serve(resident, resident.jar);
                resident.jar = resident.jar.lighter();
            }
        } catch (RuntimeException e) {
            LOG.warn("Plugin {} {}", resident.name, e.getMessage(), e);
            installer.refused(resident, String.valueOf(e.getMessage()));
        }
    }

    private void serve(Resident resident, PluginJar jar) {
        try {
            PluginJar whole = complete(jar);
            expect(resident, whole);
            installer.raise(resident, whole, Arrival.DROPPED);
        } catch (HouseException e) {
            LOG.warn("Plugin {} {}", resident.name, e.getMessage());
            goOn(resident, jar);
            installer.refused(resident, String.valueOf(e.getMessage()));
        }
        pairs.renew(resident);
        pairs.reunite(resident);
    }

    /** Before a new version runs: it may end the process before it comes to serve, and again at each start. */
    private void expect(Resident resident, PluginJar jar) throws HouseException {
        long millis = rules.get().watching().millis();
        boolean known =
                resident.serving != null && resident.serving.jar().hash().equals(jar.hash());
        try {
            if (millis > 0 && !known && books.kept().replaces(jar)) {
                books.vigils().begin(jar.name(), jar.hash(), Instant.now().toEpochMilli() + millis);
            }
        } catch (IOException e) {
            throw new HouseException("can not be compared with the jar that served before: " + e.getMessage(), e);
        }
    }

    /** What is in force goes on: where the refused jar is another one, with the configuration as it is now. */
    private void goOn(Resident resident, PluginJar refused) {
        Tenancy serving = resident.serving;
        if (serving == null || serving.jar().hash().equals(refused.hash())) {
            return;
        }
        try {
            installer.raise(resident, serving.jar(), Arrival.DROPPED);
        } catch (HouseException e) {
            LOG.warn("Plugin {}: goes on with its configuration: {}", serving.generation(), e.getMessage());
        }
    }

    /** The jar with its octets, read again when they were not kept. */
    PluginJar complete(PluginJar jar) throws HouseException {
        Tenancy serving = tenancies.lodges(jar) ? residents.of(jar.name()).serving : null;
        if (jar.octets().length > 0 || serving != null && serving.jar().hash().equals(jar.hash())) {
            return jar;
        }
        return shelf.read(jar.file());
    }
}
