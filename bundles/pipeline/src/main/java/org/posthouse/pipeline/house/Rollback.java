// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.nio.file.Files;
import java.nio.file.Path;

/** Puts the jar before back; the one in force is kept in its place. */
final class Rollback {
    private final Shelf shelf;
    private final KeptJars kept;
    private final Installer installer;
    private final Pairs pairs;

    Rollback(Shelf shelf, KeptJars kept, Installer installer, Pairs pairs) {
        this.shelf = shelf;
        this.kept = kept;
        this.installer = installer;
        this.pairs = pairs;
    }

    /**
     * Rolls a plugin back.
     *
     * @throws HouseException when nothing was changed, and why
     */
    void run(Resident resident) throws HouseException {
        Path copy = kept.previous(resident.name);
        if (!Files.exists(copy)) {
            throw new HouseException("has no version before this one: " + copy + " is not there");
        }
        PluginJar jar = shelf.read(copy).at(shelf.home(resident.name));
        Tenancy stable = resident.beside;
        if (!jar.name().equals(resident.name)) {
            throw new HouseException("can not be rolled back: " + copy + " is a jar of " + jar.name());
        }
        if (stable != null && stable.jar().hash().equals(jar.hash())) {
            pairs.end(resident, stable, jar);
        } else {
            installer.raise(resident, jar, Arrival.BACK);
        }
        resident.jar = jar.lighter();
        resident.watch = null;
    }
}
