// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.net.InetAddress;
import java.util.List;
import org.posthouse.api.service.Dns;

/**
 * The name of a client, as Postfix tells it to policy servers.
 *
 * @param name the name of the address that leads back to it, or {@code unknown}
 * @param reverse the name of the address, whether or not it leads back, or {@code unknown}
 */
record Client(String name, String reverse) {
    /** Somebody whose name is not known. */
    static final Client UNKNOWN = new Client("unknown", "unknown");

    private static final int MOST_NAMES = 5;

    static Client of(InetAddress address, Dns dns) {
        List<String> names =
                dns.ptr(address).records().stream().limit(MOST_NAMES).toList();
        for (String name : names) {
            Dns.Answer<InetAddress> back = address.getAddress().length == 4 ? dns.a(name) : dns.aaaa(name);
            if (back.records().contains(address)) {
                return new Client(name, name);
            }
        }
        return names.isEmpty() ? UNKNOWN : new Client(UNKNOWN.name(), names.getFirst());
    }
}
