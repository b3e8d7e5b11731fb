// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.settings;

import java.net.Inet4Address;
import java.net.InetAddress;

/** From where an address can be reached. */
final class Reach {
    private Reach() {}

    /** Whether only this machine or a private network reaches it: RFC 1918, 3927, 4193, 4291, 6598. */
    static boolean closed(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || uniqueLocal(address)
                || shared(address);
    }

    private static boolean uniqueLocal(InetAddress address) {
        return !(address instanceof Inet4Address) && (address.getAddress()[0] & 0xfe) == 0xfc;
    }

    private static boolean shared(InetAddress address) {
        byte[] octets = address.getAddress();
        return octets.length == 4 && octets[0] == 100 && (octets[1] & 0xc0) == 64;
    }
}
