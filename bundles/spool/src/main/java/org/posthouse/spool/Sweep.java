// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes files of bodies that no record names and no draft writes: what a crash left of aborted transactions. */
final class Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

    private final BodyFiles files;
    private final Drafts drafts;
    private final Keeper keeper;

    Sweep(BodyFiles files, Drafts drafts, Keeper keeper) {
        this.files = files;
        this.drafts = drafts;
        this.keeper = keeper;
    }

    void run() {
        int deleted = 0;
        try {
            for (MessageId id : files.all()) {
                // The draft first: it is forgotten only after its record can be seen.
                boolean orphan =
                        !drafts.has(id) && keeper.use(store -> store.get(Table.BODY, Keys.of(Table.BODY, id)) == null);
                if (orphan) {
                    files.delete(id);
                    deleted++;
                }
            }
        } catch (SpoolException e) {
            LOG.debug("The sweep ends early; it runs again when the spool works", e);
        } catch (IOException e) {
            LOG.warn("The sweep for orphaned bodies failed", e);
        }
        if (deleted > 0) {
            LOG.info("{} orphaned bodies of aborted transactions deleted", deleted);
        }
    }
}
