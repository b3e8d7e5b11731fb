// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.outside.network.Network;

/**
 * Somebody who is spared the wait.
 *
 * @param what a network, or a sender as {@link AddressList} takes it, in lower case
 * @param network the network, when it is one
 * @param senders the sender, when it is one
 * @param until when that ends
 */
record Allowance(String what, Optional<Network> network, AddressList senders, Instant until) {
    /**
     * Reads what an operator wrote.
     *
     * @throws IllegalArgumentException when it is neither a network nor a sender
     */
    static Allowance of(String text, Instant until) {
        String what = text.strip().toLowerCase(Locale.ROOT);
        if (what.matches("[0-9./]+|[0-9a-f:./]*:[0-9a-f:./]*")) {
            Network network = Network.of(what);
            return new Allowance(network.toString(), Optional.of(network), AddressList.NONE, until);
        }
        return new Allowance(what, Optional.empty(), new AddressList("allow", what), until);
    }

    /** Reads what {@link #text()} wrote. */
    static Allowance of(String line) {
        int space = line.indexOf(' ');
        return of(line.substring(space + 1), Instant.ofEpochMilli(Long.parseLong(line.substring(0, space))));
    }

    String text() {
        return until.toEpochMilli() + " " + what;
    }

    boolean covers(@Nullable InetAddress client, Address sender) {
        return network.isPresent() ? client != null && network.get().contains(client) : senders.has(sender);
    }
}
