// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Route;

/**
 * Chooses the route of a recipient at every attempt; asked in the order of service ranking, before the configured routes.
 *
 * <p>It has 5 s for an answer. When it throws or has none by then, the recipient is deferred with 451; while four of its
 * threads are overdue it is not asked, and its recipients are deferred as well.
 */
@FunctionalInterface
public interface Router {
    /** The route of the recipient, or nothing when another router should say. */
    Optional<Route> route(Address sender, Recipient recipient);
}
