// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;

/**
 * A mark in the vault by which a node of a cluster knows at its start whether its last life ended well, that is, whether
 * all that it granted is remembered.
 */
final class Ending {
    private static final String TABLE = "s:ending";
    private static final String KEY = "limits";
    private static final byte[] OPEN = {0};
    private static final byte[] WELL = {1};
    private static final Instant NEVER = Instant.ofEpochMilli(253_402_300_799_000L);

    private boolean begun;
    private boolean remembers;
    private boolean marked;

    /** The vault is there: from now on this life has not ended well until it says so. */
    synchronized void begin(Vault vault) throws SpoolException {
        if (!begun) {
            Optional<Vault.Item> last = vault.get(TABLE, KEY);
            remembers = last.isPresent() && last.get().value()[0] == WELL[0];
            begun = true;
        }
        write(vault, OPEN);
        marked = true;
    }

    /** All is written. */
    synchronized void end(Vault vault) throws SpoolException {
        if (marked) {
            write(vault, WELL);
            marked = false;
        }
    }

    /** Whether it stands in the vault that this life has not ended. */
    synchronized boolean marked() {
        return marked;
    }

    synchronized boolean remembers() {
        return remembers;
    }

    private static void write(Vault vault, byte[] value) throws SpoolException {
        vault.write(List.of(new Vault.Item(TABLE, KEY, value, NEVER)), true);
    }
}
