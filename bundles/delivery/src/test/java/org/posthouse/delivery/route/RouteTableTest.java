// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Route;
import org.posthouse.delivery.client.TlsPolicy;

final class RouteTableTest {
    private static Rule rule(String name, long order, String... domains) {
        return Rule.of(name, List.of(domains), "smtp://" + name + ".test:2525", TlsPolicy.NONE, order);
    }

    private static String find(RouteTable table, String domain) {
        return table.find(domain).map(Rule::name).orElse("none");
    }

    @Test
    void prefersExactThenTheLongestWildcardThenEverything() {
        RouteTable table = new RouteTable(List.of(
                rule("all", 1, "*"),
                rule("org", 2, "*.org"),
                rule("sub", 3, "*.example.org"),
                rule("one", 4, "Example.org")));
        assertEquals("one", find(table, "example.org"));
        assertEquals("sub", find(table, "a.b.example.org"));
        assertEquals("org", find(table, "other.org"));
        assertEquals("all", find(table, "org"));
        assertEquals("all", find(table, "[192.0.2.1]"));
    }

    @Test
    void takesTheFirstOfEquals() {
        RouteTable table = new RouteTable(List.of(rule("second", 2, "x.test"), rule("first", 1, "x.test")));
        assertEquals("first", find(table, "x.test"));
        assertEquals("none", find(table, "y.test"));
    }

    @Test
    void knowsInternationalDomainsInBothForms() {
        RouteTable table =
                new RouteTable(List.of(rule("b", 1, "xn--bcher-kva.example"), rule("a", 2, "\u00e4.example")));
        assertEquals("b", find(table, "b\u00fccher.example"));
        assertEquals("a", find(table, "xn--4ca.example"));
        RouteTable sharp = new RouteTable(List.of(rule("ss", 1, "fass.example"), rule("sharp", 2, "fa\u00df.example")));
        assertEquals("sharp", find(sharp, "fa\u00df.example"));
        assertEquals("sharp", find(sharp, "xn--fa-hia.example"));
        assertEquals("ss", find(sharp, "fass.example"));
    }

    @Test
    void readsNextHops() {
        List<String> all = List.of("*");
        assertEquals(
                "h.test:25",
                Rule.of("r", all, "smtp://h.test", TlsPolicy.NONE, 1).hop());
        assertEquals(
                "h.test:24",
                Rule.of("r", all, "lmtp://h.test/", TlsPolicy.NONE, 1).hop());
        assertEquals(
                "lmtp", Rule.of("r", all, "lmtp://h.test", TlsPolicy.NONE, 1).agent());
        assertEquals(
                "[::1]:25", Rule.of("r", all, "smtp://[::1]", TlsPolicy.NONE, 1).hop());
        assertEquals(
                "[::1]:26",
                Rule.of("r", all, "smtp://[::1]:26", TlsPolicy.NONE, 1).hop());
        assertEquals(Route.MX, Rule.of("r", all, "mx", TlsPolicy.NONE, 1).hop());
        assertThrows(IllegalArgumentException.class, () -> Rule.of("r", all, "ftp://x", TlsPolicy.NONE, 1));
    }
}
