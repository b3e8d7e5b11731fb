// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.posthouse.pipeline.Generation;
import org.posthouse.pipeline.house.Vigils.Vigil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions that were watched when the process ended: goes on watching them, and puts the jar before back where the
 * process ended again and again without having been stopped, for a version may exit, or exhaust the heap.
 */
final class Relapses {
    /** So often the process may end under a watched version; once or twice it may have been something else. */
    static final int MOST_FALLS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Relapses.class);

    private final Residents residents;
    private final Shelf shelf;
    private final Books books;
    private final Herald herald;

    Relapses(Residents residents, Shelf shelf, Books books, Herald herald) {
        this.residents = residents;
        this.shelf = shelf;
        this.books = books;
        this.herald = herald;
    }

    /** At start, when the jars are known and nothing of them has run. */
    void check() {
        for (Resident resident : residents.all()) {
            Vigil vigil = books.vigils().of(resident.name);
            PluginJar jar = resident.jar;
            boolean same = vigil != null && jar != null && vigil.hash().equals(jar.hash());
            if (vigil != null && jar != null && same && vigil.falls() >= MOST_FALLS) {
                withdraw(resident, jar, "the process ended " + vigil.falls() + " times without a stop under it");
            }
        }
    }

    private void withdraw(Resident resident, PluginJar bad, String measure) {
        try {
            PluginJar before = before(bad);
            // In this order each crash leaves the jar before in one of its places.
            books.kept().serves(before, true);
            shelf.put(before);
            books.kept().aside(bad);
            books.canaries().set(resident.name, false);
            resident.jar = before;
            LOG.warn(
                    "Plugin {} {} was rolled back to {}: {}. Its jar is kept as {}",
                    resident.name,
                    bad.version(),
                    before.version(),
                    measure,
                    books.kept().previous(resident.name));
            herald.rolledBack(resident.name, true, measure);
        } catch (HouseException | IOException e) {
            LOG.error(
                    "Plugin {} {} does badly ({}) and can not be rolled back: {}; it goes on",
                    resident.name,
                    bad.version(),
                    measure,
                    e.getMessage(),
                    e);
            herald.tell(resident.name, "not rolled back", measure + "; " + e.getMessage());
        }
    }

    /** The jar that served before this one; it still does where this one never came to serve. */
    private PluginJar before(PluginJar bad) throws HouseException {
        Path copy = books.kept().serving(bad.name());
        if (!Files.exists(copy) || shelf.peek(copy).hash().equals(bad.hash())) {
            copy = books.kept().previous(bad.name());
        }
        if (!Files.exists(copy)) {
            throw new HouseException("has no version before this one: " + copy + " is not there");
        }
        return shelf.read(copy).at(shelf.home(bad.name()));
    }

    /** When all serve that can: a watch ends when its time is over, not with the process. */
    void resume() {
        for (Resident resident : residents.all()) {
            Vigil vigil = books.vigils().of(resident.name);
            Tenancy serving = resident.serving;
            boolean watched =
                    vigil != null && serving != null && serving.jar().hash().equals(vigil.hash());
            if (vigil != null && watched && resident.watch == null) {
                // How long the answers of the version before took, nobody knows any more.
                resident.watch = new Watch(Generation.missing(resident.name), Instant.ofEpochMilli(vigil.until()));
            }
        }
    }
}
