// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds generations whose bundle somebody stopped behind our back: they are missing at once. */
final class Losses {
    private static final Logger LOG = LoggerFactory.getLogger(Losses.class);

    private final Residents residents;
    private final Tenancies tenancies;
    private final Installer installer;

    Losses(Residents residents, Tenancies tenancies, Installer installer) {
        this.residents = residents;
        this.tenancies = tenancies;
        this.installer = installer;
    }

    /** Looks at all that should stand. */
    void inspect() {
        for (Resident resident : residents.all()) {
            Tenancy beside = resident.beside;
            if (beside != null && !tenancies.stands(beside)) {
                resident.beside = null;
                cut(resident, beside);
            }
            Tenancy serving = resident.serving;
            if (serving != null && !tenancies.stands(serving)) {
                fall(resident);
                cut(resident, serving);
            }
        }
    }

    /** The newest generation stands no more: the one beside it judges all sessions, or none is left. */
    private void fall(Resident resident) {
        resident.serving = resident.beside;
        resident.beside = null;
        resident.watch = null;
        if (resident.serving == null) {
            installer.lost(
                    resident, "its bundle was stopped; start it again with: posthouse plugin enable " + resident.name);
        }
    }

    private void cut(Resident resident, Tenancy tenancy) {
        tenancy.generation().cut();
        if (resident.serving != null) {
            LOG.warn(
                    "Plugin {}: its bundle was stopped; {} judges all sessions",
                    tenancy.generation(),
                    resident.serving.generation());
        }
        residents.flip();
        tenancies.end(tenancy);
    }
}
