// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.network;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/** Networks, and whether an address is in one of them. */
public final class Networks {
    private final List<Network> all;

    /**
     * The networks that these texts are.
     *
     * @throws IllegalArgumentException when one of them is none
     */
    public Networks(String... texts) {
        all = Stream.of(texts).map(Network::of).toList();
    }

    /** Whether one of them has the address. */
    public boolean contain(InetAddress address) {
        return all.stream().anyMatch(network -> network.contains(address));
    }
}
