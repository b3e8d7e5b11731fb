// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.posthouse.pipeline.Counts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the versions that are watched: one that does badly is rolled back, one whose time is over is kept. */
final class Watchman {
    private static final Logger LOG = LoggerFactory.getLogger(Watchman.class);

    private final Residents residents;
    private final Rollback rollback;
    private final KeptJars kept;
    private final Supplier<HookRules> rules;
    private final Herald herald;

    Watchman(Residents residents, Rollback rollback, KeptJars kept, Supplier<HookRules> rules, Herald herald) {
        this.residents = residents;
        this.rollback = rollback;
        this.kept = kept;
        this.rules = rules;
        this.herald = herald;
    }

    /** One look at all. */
    void look() {
        for (Resident resident : residents.all()) {
            Watch watch = resident.watch;
            Tenancy serving = resident.serving;
            if (watch != null && serving != null) {
                look(resident, serving, watch);
            }
        }
    }

    private void look(Resident resident, Tenancy serving, Watch watch) {
        Optional<String> finding =
                watch.finding(serving.generation(), rules.get().watching());
        if (finding.isPresent()) {
            withdraw(resident, serving, finding.get());
        } else if (resident.beside == null && Instant.now().isAfter(watch.until())) {
            resident.watch = null;
            Counts.Sum sum = serving.generation().sum();
            String what =
                    serving.generation().label() + ": " + sum.failures() + " failures of " + sum.answers() + " answers";
            LOG.info("Plugin {} {} is kept: {}", resident.name, serving.jar().version(), what);
            herald.tell(resident.name, "kept", what);
        }
    }

    private void withdraw(Resident resident, Tenancy bad, String measure) {
        try {
            rollback.run(resident);
            resident.withdrawn = measure;
            residents.flip(); // Before it is told, so that who hears of it finds it done.
            LOG.warn(
                    "Plugin {} {} was rolled back to {}: {}. Its jar is kept as {}",
                    bad.generation(),
                    bad.jar().version(),
                    resident.serving == null ? "" : resident.serving.jar().version(),
                    measure,
                    kept.previous(resident.name));
            herald.rolledBack(resident.name, true, measure);
        } catch (HouseException | RuntimeException e) {
            resident.watch = null;
            LOG.error(
                    "Plugin {} does badly ({}) and can not be rolled back: {}; it goes on",
                    bad.generation(),
                    measure,
                    e.getMessage(),
                    e);
            herald.tell(resident.name, "not rolled back", measure + "; " + e.getMessage());
        }
    }
}
