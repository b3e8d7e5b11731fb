// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.posthouse.api.hook.DeliveryAgent;
import org.posthouse.api.hook.Router;
import org.posthouse.delivery.client.TlsPolicy;

/** Routes, routers and agents as they come and go; each question is answered from one consistent state. */
@Component(service = RouteBook.class)
public final class RouteBook {
    private final List<Rule> rules = new ArrayList<>();
    private final Map<ServiceReference<Router>, Router> ranked = new TreeMap<>(Comparator.reverseOrder());
    private final Map<String, DeliveryAgent> agents = new java.util.concurrent.ConcurrentHashMap<>();
    private volatile RouteTable table = new RouteTable(List.of());
    private volatile List<Router> routers = List.of();

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addEntry(RouteEntry entry) {
        add(entry.rule());
    }

    void removeEntry(RouteEntry entry) {
        remove(entry.rule());
    }

    synchronized void add(Rule rule) {
        rules.add(rule);
        table = new RouteTable(rules);
    }

    synchronized void remove(Rule rule) {
        rules.remove(rule);
        table = new RouteTable(rules);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    synchronized void addRouter(Router router, ServiceReference<Router> reference) {
        ranked.put(reference, router);
        ask(List.copyOf(ranked.values()));
    }

    /** These routers are asked from now on, in this order. */
    void ask(List<Router> ordered) {
        routers = List.copyOf(ordered);
    }

    synchronized void removeRouter(ServiceReference<Router> reference) {
        ranked.remove(reference);
        ask(List.copyOf(ranked.values()));
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addAgent(DeliveryAgent agent, Map<String, Object> properties) {
        agents.put(String.valueOf(properties.get("agent")), agent);
    }

    void removeAgent(DeliveryAgent agent, Map<String, Object> properties) {
        agents.remove(String.valueOf(properties.get("agent")), agent);
    }

    /** The routers in the order of their ranking. */
    List<Router> routers() {
        return routers;
    }

    /** The configured rule for a domain. */
    Optional<Rule> find(String domain) {
        return table.find(domain);
    }

    /** Whether connections of this route are encrypted. */
    TlsPolicy tls(String routeName) {
        return table.tls(routeName);
    }

    /** The agent of this name. */
    public Optional<DeliveryAgent> agent(String name) {
        return Optional.ofNullable(agents.get(name));
    }
}
