// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Route;
import org.posthouse.api.service.Dns.Status;
import org.posthouse.delivery.FakeDns;
import org.posthouse.delivery.Fakes;
import org.posthouse.delivery.client.TlsPolicy;
import org.posthouse.queue.spi.Planner.Load;
import org.posthouse.queue.spi.Planner.Plan;

final class RoutePlannerTest {
    private final FakeDns dns = new FakeDns();
    private final RouteBook book = new RouteBook();
    private final Exchangers exchangers = new Exchangers(dns, true, Set.of("us.test"));

    private Plan plan(String... recipients) {
        RoutePlanner planner = new RoutePlanner(book, new HopFinder(book, exchangers, 25), "us.test");
        return planner.plan(
                Fakes.stored(recipients),
                IntStream.range(0, recipients.length).boxed().toList());
    }

    private void route(String name, String relay, String... domains) {
        book.add(Rule.of(name, List.of(domains), relay, TlsPolicy.OPPORTUNISTIC, 1));
    }

    private String decided(String domain) {
        Exchangers.Found.Decided decided = assertInstanceOf(Exchangers.Found.Decided.class, exchangers.of(domain));
        return decided.reply().code() + " " + decided.reply().enhanced();
    }

    private List<List<String>> hosts(String domain) {
        return assertInstanceOf(Exchangers.Found.Hosts.class, exchangers.of(domain))
                .groups();
    }

    @Test
    void ordersMailExchangersByPreference() {
        dns.mx("x.test", 20, "c.x.test").mx("x.test", 10, "b.x.test").mx("x.test", 10, "a.x.test");
        assertEquals(List.of(List.of("a.x.test", "b.x.test"), List.of("c.x.test")), hosts("x.test"));
    }

    @Test
    void failsForNullMxAndUnknownDomains() {
        dns.mx("null.test", 0, "").state("MX gone.test", Status.NO_NAME);
        assertEquals("556 5.1.10", decided("null.test"));
        assertEquals("550 5.1.2", decided("gone.test"));
        assertEquals("550 5.4.4", decided("empty.test"));
    }

    @Test
    void defersWhatDnsCanNotTell() {
        dns.state("MX later.test", Status.TEMPORARY).state("AAAA half.test", Status.TEMPORARY);
        assertEquals("451 4.4.3", decided("later.test"));
        assertEquals("451 4.4.3", decided("half.test"));
    }

    @Test
    void takesTheAddressOfADomainWithoutMx() throws Exception {
        dns.a("four.test", "192.0.2.1").a("six.test", "2001:db8::1");
        assertEquals(List.of(List.of("four.test")), hosts("four.test"));
        assertEquals(List.of(List.of("six.test")), hosts("six.test"));
    }

    @Test
    void readsAddressLiterals() {
        assertEquals(List.of(List.of("192.0.2.1")), hosts("[192.0.2.1]"));
        assertEquals(List.of(List.of("2001:db8::1")), hosts("[ipv6:2001:db8::1]"));
    }

    @Test
    void dropsHostsNoBetterThanOurselves() {
        dns.mx("x.test", 10, "best.test").mx("x.test", 20, "us.test").mx("x.test", 20, "same.test");
        dns.mx("x.test", 30, "worse.test").mx("loop.test", 10, "us.test");
        assertEquals(List.of(List.of("best.test")), hosts("x.test"));
        assertEquals("554 5.4.6", decided("loop.test"));
        assertEquals("554 5.4.6", decided("us.test"));
    }

    @Test
    void letsDomainsWithTheSameHostsShareASite() {
        route("internet", "mx", "*");
        dns.mx("a.test", 10, "mx.host.test").mx("b.test", 10, "mx.host.test").mx("c.test", 10, "other.test");
        Plan plan = plan("1@a.test", "2@c.test", "3@b.test");
        assertEquals(
                List.of(List.of(0, 2), List.of(1)),
                plan.loads().stream().map(Load::recipients).toList());
    }

    @Test
    void sendsAllDomainsOfASmarthostTogetherAndAsksNoDns() {
        route("smart", "smtp://192.0.2.9:2525", "*");
        Plan plan = plan("1@a.test", "2@b.test");
        assertEquals(1, plan.loads().size());
        assertEquals("192.0.2.9:2525", plan.loads().get(0).route().hop());
        assertTrue(plan.settled().isEmpty());
    }

    @Test
    void defersWithoutARoute() {
        Plan plan = plan("1@a.test");
        assertEquals("4.3.5", plan.settled().get(0).outcome().reply().enhanced());
    }

    @Test
    void asksRoutersFirstAndDefersWhenOneFails() {
        route("smart", "smtp://192.0.2.9:2525", "*");
        book.ask(List.of((sender, recipient) -> {
            if (recipient.domain().equals("bad.test")) {
                throw new IllegalStateException("broken router");
            }
            return Optional.of(new Route("maildir", "box", "a.test", "own"));
        }));
        Plan plan = plan("1@a.test", "2@bad.test");
        assertEquals("maildir", plan.loads().get(0).route().agent());
        assertEquals("4.3.0", plan.settled().get(0).outcome().reply().enhanced());
    }

    @Test
    void keepsARouteWhileItsConfigurationChanges() {
        AtomicLong clock = new AtomicLong();
        RouteBook changing = new RouteBook(clock::get);
        Rule strict = Rule.of("mine", List.of("x.test"), "lmtp://h", TlsPolicy.REQUIRE, 1);
        changing.add(Rule.of("internet", List.of("*"), "mx", TlsPolicy.OPPORTUNISTIC, 2));
        changing.add(strict);
        changing.remove(strict);
        assertEquals("mine", changing.find("x.test").orElseThrow().name(), "or its mail would go to the internet");
        changing.add(Rule.of("mine", List.of("y.test"), "lmtp://h", TlsPolicy.REQUIRE, 1));
        assertEquals("internet", changing.find("x.test").orElseThrow().name());
        changing.remove(Rule.of("mine", List.of("y.test"), "lmtp://h", TlsPolicy.REQUIRE, 1));
        clock.addAndGet(TimeUnit.SECONDS.toNanos(6));
        assertEquals("internet", changing.find("y.test").orElseThrow().name());
        assertEquals(TlsPolicy.REQUIRE, changing.tls("mine"), "mail on its way must not go in clear");
    }
}
