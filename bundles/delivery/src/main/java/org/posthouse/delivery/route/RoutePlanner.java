// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.Address;
import org.posthouse.api.Outcome;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.api.hook.Router;
import org.posthouse.api.service.Dns;
import org.posthouse.delivery.DeliverySettings;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes recipients: routers first, then the configured routes, then the mail exchangers' set is the site. */
@Component(service = {Planner.class, RoutePlanner.class})
public final class RoutePlanner implements Planner {
    private static final Logger LOG = LoggerFactory.getLogger(RoutePlanner.class);
    /** So many domains of one message are asked for at once. */
    private static final int AT_ONCE = 16;

    /** And so many beyond one for each message: the resolver is there for those who send us mail, too. */
    private static final int HELPERS = 64;

    private static final Reply NO_ROUTE = new Reply(451, "4.3.5", "No route is configured for the domain");
    private static final Reply ROUTER_FAILED = new Reply(451, "4.3.0", "The route can not be told now");

    private final Semaphore helpers = new Semaphore(HELPERS);
    private final RouteBook book;
    private final HopFinder finder;
    private final String hostname;

    @Activate
    public RoutePlanner(@Reference RouteBook book, @Reference Dns dns, @Reference DeliverySettings settings) {
        this(
                book,
                new HopFinder(book, new Exchangers(dns, settings.ipv6(), settings.ourNames()), settings.mxPort()),
                settings.hostname());
    }

    RoutePlanner(RouteBook book, HopFinder finder, String hostname) {
        this.book = book;
        this.finder = finder;
        this.hostname = hostname;
    }

    /** Finds the hosts behind routes. */
    public HopFinder finder() {
        return finder;
    }

    /** Routers, routes and agents. */
    public RouteBook book() {
        return book;
    }

    @Override
    public Plan plan(Spool.Stored message, List<Integer> recipients) {
        Envelope envelope = message.envelope();
        Sorting sorting = new Sorting(envelope.routing().zone());
        Map<Integer, Optional<Route>> routes = new LinkedHashMap<>();
        for (int number : recipients) {
            Recipient recipient = envelope.recipients().get(number);
            try {
                routes.put(number, route(envelope.sender().address(), recipient));
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                LOG.warn("Routing {} failed", recipient.address(), e);
                sorting.decide(number, ROUTER_FAILED);
            }
        }
        sorting.look(
                routes.values().stream().flatMap(Optional::stream).distinct().toList());
        routes.forEach(sorting::add);
        return sorting.plan();
    }

    private Optional<Route> route(Address sender, Recipient recipient) {
        for (Router router : book.routers()) {
            Optional<Route> route = router.route(sender, recipient);
            if (route.isPresent()) {
                return route;
            }
        }
        // RFC 5321 4.1.1.3: <postmaster> without a domain is ours.
        String domain = recipient.domain().isEmpty() ? hostname : recipient.domain();
        return book.find(domain).map(rule -> rule.route(domain));
    }

    /** Recipients on their way into loads. */
    private final class Sorting {
        private final String zone;
        private final Map<Route, HopFinder.Found> known = new HashMap<>();
        private final Map<Site, List<Integer>> loads = new LinkedHashMap<>();
        private final Map<Site, Route> routes = new HashMap<>();
        private final List<Settled> settled = new ArrayList<>();

        Sorting(String zone) {
            this.zone = zone;
        }

        /** Finds hosts side by side: a domain whose name servers are silent must not hold up so many others. */
        void look(List<Route> all) {
            Queue<Route> left = new ConcurrentLinkedQueue<>(all);
            Map<Route, HopFinder.Found> found = new ConcurrentHashMap<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 1; i < Math.min(all.size(), AT_ONCE) && helpers.tryAcquire(); i++) {
                threads.add(Thread.ofVirtual().name("lookup").start(() -> {
                    try {
                        look(left, found);
                    } finally {
                        helpers.release();
                    }
                }));
            }
            look(left, found);
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                // The queue closes; what is not known by now is not waited for.
                Thread.currentThread().interrupt();
            }
            known.putAll(found);
        }

        private void look(Queue<Route> left, Map<Route, HopFinder.Found> found) {
            for (Route route = left.poll(); route != null; route = left.poll()) {
                try {
                    found.put(route, finder.find(route));
                } catch (RuntimeException e) {
                    LOG.warn("The hosts of {} were not found", route, e);
                    found.put(route, new HopFinder.Found.Decided(ROUTER_FAILED));
                }
            }
        }

        void add(int number, Optional<Route> found) {
            if (found.isEmpty()) {
                decide(number, NO_ROUTE);
                return;
            }
            Route route = found.get();
            HopFinder.Found hosts = known.computeIfAbsent(route, finder::find);
            if (hosts instanceof HopFinder.Found.Decided decided) {
                decide(number, decided.reply());
                return;
            }
            Site site = HopFinder.site(route, hosts, zone);
            routes.putIfAbsent(site, route);
            loads.computeIfAbsent(site, s -> new ArrayList<>()).add(number);
        }

        void decide(int number, Reply reply) {
            settled.add(new Settled(number, new Outcome(reply, "", "", false)));
        }

        Plan plan() {
            List<Load> all = new ArrayList<>(loads.size());
            loads.forEach((site, numbers) ->
                    all.add(new Load(site, java.util.Objects.requireNonNull(routes.get(site)), numbers)));
            return new Plan(all, settled);
        }
    }
}
