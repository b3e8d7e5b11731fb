// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.Map;
import java.util.Set;
import org.posthouse.api.hook.DeliveryAgent;
import org.posthouse.api.service.Dns;

/** Routes as the tests of other packages need them. */
public record TestRoutes(RouteBook book, HopFinder finder) {
    public static TestRoutes of(Dns dns, Set<String> ourNames) {
        RouteBook book = new RouteBook();
        return new TestRoutes(book, new HopFinder(book, new Exchangers(dns, true, ourNames), 25));
    }

    public void agent(String name, DeliveryAgent agent) {
        book.addAgent(agent, Map.of("agent", name));
    }
}
