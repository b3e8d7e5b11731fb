// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Route;

/** Chooses the route of a recipient at every attempt; asked in the order of service ranking, before the configured routes. */
@FunctionalInterface
public interface Router {
    /** The route of the recipient, or nothing when another router should say. */
    Optional<Route> route(Address sender, Recipient recipient);
}
