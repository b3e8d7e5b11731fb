// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state.spi;

import java.util.List;
import java.util.Optional;
import org.posthouse.api.service.Limiter;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;

/** What one node keeps for plugins, as the cluster sees it. May block. */
public interface LocalState {
    /** Nanoseconds since about 1970 that run evenly. */
    long now();

    /** Whether all is known that an earlier life of this node granted: it ended well. */
    boolean remembers();

    /** Where this node keeps what it knows of a limit; nothing when it knows it by another name. */
    Optional<Kept> limit(String name, Limiter.Rate rate);

    /**
     * What is shared, table after table, each in the order of its keys; what is not written yet may be missing.
     *
     * @param from the mark at which to go on, or no octets to begin
     * @param most so many records are looked at
     */
    Vault.Page shared(byte[] from, int most) throws SpoolException;

    /** When and where an item was set. */
    Stamp stamp(Vault.Item item);

    /** Takes what others changed; what is older than what is here changes nothing. How many changed something. */
    int merge(List<Vault.Item> items) throws SpoolException;
}
