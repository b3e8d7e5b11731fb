// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

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

    Settlement(Residents residents, Shelf shelf, Books books, Tenancies tenancies, Installer installer, Pairs pairs) {
        this.residents = residents;
        this.shelf = shelf;
        this.books = books;
        this.tenancies = tenancies;
        this.installer = installer;
        this.pairs = pairs;
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
                installer.raise(resident, complete(resident.jar), Arrival.DROPPED);
                pairs.renew(resident);
                pairs.reunite(resident);
            }
        } catch (HouseException | RuntimeException e) {
            LOG.warn("Plugin {} {}", resident.name, e.getMessage(), e instanceof RuntimeException ? e : null);
            installer.refused(resident, String.valueOf(e.getMessage()));
        }
        if (resident.jar != null) {
            resident.jar = resident.jar.lighter();
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
