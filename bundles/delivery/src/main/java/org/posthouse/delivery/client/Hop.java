// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.util.List;

/**
 * Where a connection may go.
 *
 * @param lmtp whether LMTP is spoken (RFC 2033)
 * @param groups hosts of equal preference together, the best first; names, or addresses without brackets
 * @param port the port of all of them
 * @param tls whether connections are encrypted
 * @param guarded whether addresses of this machine are refused: mail to them would come back to us
 */
public record Hop(boolean lmtp, List<List<String>> groups, int port, TlsPolicy tls, boolean guarded) {
    public Hop {
        groups = groups.stream().map(List::copyOf).toList();
    }
}
