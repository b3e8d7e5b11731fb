// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.List;
import java.util.stream.Collectors;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.delivery.client.Hop;
import org.posthouse.delivery.client.TlsPolicy;
import org.posthouse.queue.spi.Planner.Site;

/** Turns a route into the hosts behind it. */
public final class HopFinder {
    private static final Reply BAD_HOP = new Reply(451, "4.3.5", "The next hop of the route is not host:port");

    private final RouteBook book;
    private final Exchangers exchangers;
    private final int mxPort;

    HopFinder(RouteBook book, Exchangers exchangers, int mxPort) {
        this.book = book;
        this.exchangers = exchangers;
        this.mxPort = mxPort;
    }

    /** What is behind a route. */
    public sealed interface Found {
        /** These hosts. */
        record Hosts(Hop hop) implements Found {}

        /** Another agent than SMTP and LMTP, which knows its own way. */
        record Agent() implements Found {}

        /** Nothing: this reply decides. */
        record Decided(Reply reply) implements Found {}
    }

    /** The hosts now. */
    public Found find(Route route) {
        boolean lmtp = route.agent().equals("lmtp");
        if (!lmtp && !route.agent().equals("smtp")) {
            return new Found.Agent();
        }
        TlsPolicy tls = book.tls(route.name());
        if (route.byMx()) {
            return switch (exchangers.of(route.domain())) {
                case Exchangers.Found.Hosts hosts -> new Found.Hosts(new Hop(lmtp, hosts.groups(), mxPort, tls, true));
                case Exchangers.Found.Decided decided -> new Found.Decided(decided.reply());
            };
        }
        return nextHop(route.hop(), lmtp, tls);
    }

    private static Found nextHop(String hop, boolean lmtp, TlsPolicy tls) {
        int colon = hop.lastIndexOf(':');
        boolean digits = colon > 0
                && colon + 1 < hop.length()
                && hop.length() - colon <= 6
                && hop.chars().skip(colon + 1L).allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            return new Found.Decided(BAD_HOP);
        }
        String host = hop.substring(0, colon).replace("[", "").replace("]", "");
        int port = Integer.parseInt(hop.substring(colon + 1));
        return new Found.Hosts(new Hop(lmtp, List.of(List.of(host)), port, tls, false));
    }

    /** The site of a route whose hosts were found. */
    static Site site(Route route, Found found, String zone) {
        if (!(found instanceof Found.Hosts hosts)) {
            String name = route.agent() + ":" + (route.byMx() ? route.domain() : route.hop());
            return new Site(name + "|" + zone, name);
        }
        Hop hop = hosts.hop();
        String names = hop.groups().stream().map(g -> String.join(",", g)).collect(Collectors.joining(";"));
        String key = route.agent() + "|" + hop.tls() + "|" + zone + "|" + names + "|" + hop.port();
        return new Site(key, route.byMx() ? hop.groups().get(0).get(0) : route.hop());
    }
}
