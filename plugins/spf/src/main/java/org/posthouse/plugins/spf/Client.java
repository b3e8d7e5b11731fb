// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.net.InetAddress;

/**
 * Who is connected, and to whom.
 *
 * @param address of the client
 * @param helo what it said at HELO or EHLO, with A-labels
 * @param receiver the name of this host, or {@code unknown} (RFC 7208 7.3)
 */
record Client(InetAddress address, String helo, String receiver) {
    /** The name of this host as it is configured. */
    static String receiver(String configured) {
        return configured.isEmpty() ? "unknown" : configured;
    }

    boolean ip6() {
        return address.getAddress().length == 16;
    }
}
