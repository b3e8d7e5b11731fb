// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.posthouse.api.Route;
import org.posthouse.api.hook.DeliveryAgent;
import org.posthouse.api.service.Dns;
import org.posthouse.delivery.client.TlsPolicy;

/** Routes as the tests of other packages need them. */
public record TestRoutes(RouteBook book, HopFinder finder) {
    public static TestRoutes of(Dns dns, Set<String> ourNames) {
        RouteBook book = new RouteBook();
        return new TestRoutes(book, new HopFinder(book, new Exchangers(dns, true, ourNames), 25));
    }

    public void agent(String name, DeliveryAgent agent) {
        book.addAgent(agent, Map.of("agent", name));
    }

    public void add(String name, String relay, String domain) {
        book.add(Rule.of(name, List.of(domain), relay, TlsPolicy.OPPORTUNISTIC, 1));
    }

    public RoutePlanner planner(String hostname) {
        return new RoutePlanner(book, finder, hostname);
    }

    public Route none() {
        return new Route("smtp", Route.MX, "", "");
    }
}
