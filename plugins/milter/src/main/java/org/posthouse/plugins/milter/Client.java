// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.net.InetAddress;
import java.util.List;
import org.posthouse.api.service.Dns;

/**
 * Who is connected, as milters are told.
 *
 * @param name the name of the address that leads back to it, or {@code unknown}
 * @param reverse the name of the address, whether or not it leads back, or {@code unknown}
 * @param resolve how that was found out, in the words of Sendmail: OK, FAIL, FORGED or TEMP
 */
record Client(String name, String reverse, String resolve) {
    private static final String UNKNOWN = "unknown";
    private static final int MOST_NAMES = 5;

    /** Somebody whose name is not looked up. */
    static final Client UNNAMED = new Client(UNKNOWN, UNKNOWN, "FAIL");

    static Client of(InetAddress address, Dns dns) {
        Dns.Answer<String> names = dns.ptr(address);
        if (!names.found()) {
            return names.status() == Dns.Status.TEMPORARY ? new Client(UNKNOWN, UNKNOWN, "TEMP") : UNNAMED;
        }
        boolean temporary = false;
        List<String> some = names.records().stream().limit(MOST_NAMES).toList();
        for (String name : some) {
            Dns.Answer<InetAddress> back = address.getAddress().length == 4 ? dns.a(name) : dns.aaaa(name);
            if (back.records().contains(address)) {
                return new Client(name, name, "OK");
            }
            temporary |= back.status() == Dns.Status.TEMPORARY;
        }
        return new Client(UNKNOWN, some.getFirst(), temporary ? "TEMP" : "FORGED");
    }
}
