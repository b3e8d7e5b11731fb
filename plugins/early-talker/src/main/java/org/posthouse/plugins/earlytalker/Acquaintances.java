// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.earlytalker;

import java.net.InetAddress;
import java.time.Duration;
import org.posthouse.api.service.SharedState;
import org.posthouse.outside.network.Network;

/** The networks whose clients waited for the banner lately; shared by the nodes, and kept over restarts. */
final class Acquaintances {
    private final SharedState.Table<Boolean> table;
    private final int ipv4Bits;
    private final int ipv6Bits;
    private final Duration life;

    /**
     * Networks of so many leading bits.
     *
     * @param life for how long a network is known after one of its clients waited
     */
    Acquaintances(SharedState state, int ipv4Bits, int ipv6Bits, Duration life) {
        this.table = state.table("early-talker.polite", Boolean.class);
        this.ipv4Bits = ipv4Bits;
        this.ipv6Bits = ipv6Bits;
        this.life = life;
    }

    boolean know(InetAddress client) {
        return table.get(network(client)).isPresent();
    }

    void remember(InetAddress client) {
        if (life.isPositive()) {
            table.put(network(client), true, life);
        }
    }

    void forget(InetAddress client) {
        table.remove(network(client));
    }

    /** The network of an address such as {@code 192.0.2.0/24}. */
    String network(InetAddress client) {
        return Network.around(client, ipv4Bits, ipv6Bits).toString();
    }
}
