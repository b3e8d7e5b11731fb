// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store; when its files are damaged, keeps the original aside and opens a repaired copy. */
final class Opening {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final Path folder;
    private final Settings settings;
    private final BodyFiles files;
    private final Aside aside;
    private boolean repaired;

    Opening(Path folder, Settings settings, BodyFiles files, Aside aside) {
        this.folder = folder;
        this.settings = settings;
        this.files = files;
        this.aside = aside;
    }

    private Path live() {
        return folder.resolve("db");
    }

    private Path copy() {
        return folder.resolve("db.repaired");
    }

    /**
     * Opens.
     *
     * @param distrust whether the store said that its files are damaged, so that opening them as they are can not help
     */
    Store open(boolean distrust) throws RocksDBException, IOException {
        if (!Files.exists(live()) && Files.exists(copy())) {
            // The process ended between the two renames of a repair that was complete.
            Files.move(copy(), live(), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.createDirectories(live());
        BodyFiles.sync(folder);
        // A copy that was just made is not copied again because it could not be opened at once, such as on a full disk.
        String finding = distrust && !repaired ? "the store found damage in its files" : Inspection.damage(live());
        if (finding.isEmpty()) {
            try {
                return opened();
            } catch (RocksDBException e) {
                if (!Trouble.damage(e)) {
                    throw e;
                }
                finding = String.valueOf(e.getMessage());
            }
        }
        repair(finding);
        repaired = true;
        return opened();
    }

    private Store opened() throws RocksDBException {
        Store store = Store.open(live(), settings);
        repaired = false;
        return store;
    }

    private void repair(String finding) throws RocksDBException, IOException {
        LOG.error("The store is damaged and is repaired now, the original is kept: {}", finding);
        String result = new Salvage(live(), copy(), settings).run(store -> new Census(store, files, aside).mend());
        BodyFiles.sync(copy());
        Path place = aside.place("db");
        Files.move(live(), place, StandardCopyOption.ATOMIC_MOVE);
        Files.move(copy(), live(), StandardCopyOption.ATOMIC_MOVE);
        BodyFiles.sync(folder);
        aside.record("store", place, finding + "; " + result);
    }
}
