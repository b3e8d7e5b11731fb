// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.Objects;

/**
 * Where a recipient goes.
 *
 * @param agent the transport that carries it: {@code smtp}, {@code lmtp} or the name of a {@code DeliveryAgent}
 * @param hop {@code mx} for the mail exchangers of {@code domain}, else {@code host:port}
 * @param domain the domain whose mail exchangers are asked, or the domain of the recipient
 * @param name the name of the rule that chose it, for log and trace
 */
public record Route(String agent, String hop, String domain, String name) {
    /** The hop of routes that go to the mail exchangers of the domain. */
    public static final String MX = "mx";

    public Route {
        Objects.requireNonNull(agent, "agent");
        Objects.requireNonNull(hop, "hop");
        Objects.requireNonNull(domain, "domain");
        Objects.requireNonNull(name, "name");
    }

    /** Whether the mail exchangers of the domain are asked. */
    public boolean byMx() {
        return MX.equals(hop);
    }
}
