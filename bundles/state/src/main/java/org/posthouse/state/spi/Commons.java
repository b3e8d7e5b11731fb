// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state.spi;

import java.util.List;
import org.posthouse.api.service.Limiter;
import org.posthouse.spool.spi.Vault;

/** What the nodes of a cluster have in common; there is such a service only where the server is part of one. */
public interface Commons {
    /** The name of this node. */
    String self();

    /** The names of the other nodes. */
    List<String> others();

    /** From now on this is what the node keeps. */
    void open(LocalState local);

    /** That is not there any more. */
    void close(LocalState local);

    /** Whether what is to be done once per cluster is to be done here. */
    boolean leads();

    /**
     * Takes from a limit what this node may give, and asks the others when that is too little. May wait for them, some
     * tenths of a second at most.
     *
     * @param limit the limit, by a name that is the same on all nodes
     * @param lendable whether the others know it by this name
     * @param kept where this node keeps what it knows of it
     */
    Limiter.Grant take(String limit, boolean lendable, Limiter.Rate rate, long amount, Kept kept);

    /** These changes, which this node made, are in its vault now: tells the others. Never blocks. */
    void written(List<Vault.Item> items);
}
