// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.Optional;

/** What a client is compared with (RFC 7208 5). A missing domain is the one that is checked. */
sealed interface Mechanism {
    /** Every client. */
    record All() implements Mechanism {}

    /** Clients that pass the record of another domain. */
    record Include(MacroText domain) implements Mechanism {}

    /** Clients near an address of a host. */
    record A(Optional<MacroText> domain, Near near) implements Mechanism {}

    /** Clients near an address of a mail exchanger. */
    record Mx(Optional<MacroText> domain, Near near) implements Mechanism {}

    /** Clients with a name in a domain. */
    record Ptr(Optional<MacroText> domain) implements Mechanism {}

    /** Clients in a network. */
    record Ip(Network network) implements Mechanism {}

    /** Every client, when a name has an address. */
    record Exists(MacroText domain) implements Mechanism {}

    /** How many leading bits must be the same, by family (RFC 7208 5, dual-cidr-length). */
    record Near(int ip4Bits, int ip6Bits) {
        Network around(byte[] address) {
            return new Network(address, address.length == 4 ? ip4Bits : ip6Bits);
        }
    }
}
