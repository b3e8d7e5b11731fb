// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
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
    /** How long a route without configuration goes on: without it, mail for its domains would go to the next best one. */
    private static final long GRACE = TimeUnit.SECONDS.toNanos(5);

    private record Leaving(Rule rule, long until) {}

    private final LongSupplier clock;
    private final List<Rule> rules = new ArrayList<>();
    private final List<Leaving> leaving = new ArrayList<>();
    private final Map<String, TlsPolicy> policies = new ConcurrentHashMap<>();
    private volatile boolean changing;
    private final Map<ServiceReference<Router>, Router> ranked = new TreeMap<>(Comparator.reverseOrder());
    private final Map<String, List<DeliveryAgent>> agents = new ConcurrentHashMap<>();
    private volatile RouteTable table = new RouteTable(List.of());
    private volatile List<Router> routers = List.of();

    @Activate
    public RouteBook() {
        this(System::nanoTime);
    }

    RouteBook(LongSupplier clock) {
        this.clock = clock;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addEntry(RouteEntry entry) {
        add(entry.rule());
    }

    void removeEntry(RouteEntry entry) {
        remove(entry.rule());
    }

    synchronized void add(Rule rule) {
        leaving.removeIf(gone -> gone.rule().name().equals(rule.name()));
        rules.add(rule);
        policies.put(rule.name(), rule.tls());
        rebuild();
    }

    /** A route whose configuration changed goes before it comes back: for a moment its mail still takes the old one. */
    synchronized void remove(Rule rule) {
        rules.remove(rule);
        if (rules.stream().noneMatch(other -> other.name().equals(rule.name()))) {
            leaving.add(new Leaving(rule, clock.getAsLong() + GRACE));
        }
        rebuild();
    }

    private void rebuild() {
        List<Rule> all = new ArrayList<>(rules);
        leaving.forEach(gone -> all.add(gone.rule()));
        table = new RouteTable(all);
        changing = !leaving.isEmpty();
    }

    private synchronized void forget() {
        long now = clock.getAsLong();
        if (leaving.removeIf(gone -> gone.until() - now <= 0)) {
            rebuild();
        }
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    synchronized void addRouter(Router router, ServiceReference<Router> reference) {
        ranked.put(reference, new BudgetedRouter(router));
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
        // Of two the newest carries, as a plugin that is replaced has both for a while; the other one is not forgotten.
        agents.merge(
                String.valueOf(properties.get("agent")),
                List.of(agent),
                (all, one) -> Stream.concat(one.stream(), all.stream()).toList());
    }

    void removeAgent(DeliveryAgent agent, Map<String, Object> properties) {
        agents.computeIfPresent(String.valueOf(properties.get("agent")), (name, all) -> {
            List<DeliveryAgent> left = all.stream().filter(one -> one != agent).toList();
            return left.isEmpty() ? null : left;
        });
    }

    /** The routers in the order of their ranking. */
    List<Router> routers() {
        return routers;
    }

    /** The configured rule for a domain. */
    Optional<Rule> find(String domain) {
        if (changing) {
            forget();
        }
        return table.find(domain);
    }

    /**
     * Whether connections of this route are encrypted; of routes from elsewhere where it is offered. A route that was taken
     * away keeps its policy, for mail that is on its way must not go in clear.
     */
    TlsPolicy tls(String routeName) {
        return policies.getOrDefault(routeName, TlsPolicy.OPPORTUNISTIC);
    }

    /** The agent of this name. */
    public Optional<DeliveryAgent> agent(String name) {
        return Optional.ofNullable(agents.get(name)).map(List::getFirst);
    }
}
