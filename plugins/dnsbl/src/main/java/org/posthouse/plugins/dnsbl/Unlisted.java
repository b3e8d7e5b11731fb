// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.net.InetAddress;
import org.posthouse.outside.network.Networks;

/** Clients that no list is asked about: those in private networks, which mean something else to everybody, and configured ones. */
final class Unlisted {
    /** RFC 1122 3.2.1.3, 1918, 3927, 4193, 4291 2.5, 6598; multicast. */
    private static final Networks PRIVATE = new Networks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "224.0.0.0/3",
            "::/127",
            "fc00::/7",
            "fe80::/9",
            "ff00::/8");

    private final Networks configured;

    /**
     * Those in private networks and in these.
     *
     * @throws IllegalArgumentException when one of them is none
     */
    Unlisted(String... networks) {
        configured = new Networks(networks);
    }

    boolean has(InetAddress client) {
        return PRIVATE.contain(client) || configured.contain(client);
    }
}
