// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.List;
import java.util.Locale;
import org.posthouse.api.Route;
import org.posthouse.delivery.client.TlsPolicy;

/**
 * A configured route: mail for these domains goes to this next hop.
 *
 * @param name the name it has in the configuration
 * @param domains exact names, {@code *.name} for what is below a name, {@code *} for everything
 * @param agent {@code smtp} or {@code lmtp}
 * @param hop {@code mx} or {@code host:port}
 * @param tls whether connections are encrypted
 * @param order its place in the configuration
 */
record Rule(String name, List<String> domains, String agent, String hop, TlsPolicy tls, long order) {
    private static final int SMTP_PORT = 25;
    private static final int LMTP_PORT = 24;

    Rule {
        domains = domains.stream().map(d -> d.toLowerCase(Locale.ROOT)).toList();
    }

    /**
     * Reads {@code mx}, {@code smtp://host:port} or {@code lmtp://host:port}.
     *
     * @throws IllegalArgumentException when it is none of these
     */
    static Rule of(String name, List<String> domains, String relay, TlsPolicy tls, long order) {
        if (relay.equals(Route.MX)) {
            return new Rule(name, domains, "smtp", Route.MX, tls, order);
        }
        int scheme = relay.indexOf("://");
        String agent = scheme < 0 ? "smtp" : relay.substring(0, scheme).toLowerCase(Locale.ROOT);
        String rest = scheme < 0 ? relay : relay.substring(scheme + 3);
        String host = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        if (host.isEmpty() || !(agent.equals("smtp") || agent.equals("lmtp"))) {
            throw new IllegalArgumentException("Not a next hop: " + relay);
        }
        return new Rule(name, domains, agent, withPort(host, agent), tls, order);
    }

    private static String withPort(String host, String agent) {
        boolean bracketed = host.startsWith("[");
        int colon = host.lastIndexOf(':');
        boolean port = bracketed ? colon > host.indexOf(']') : colon >= 0;
        return port ? host : host + ":" + (agent.equals("lmtp") ? LMTP_PORT : SMTP_PORT);
    }

    Route route(String domain) {
        return new Route(agent, hop, domain, name);
    }
}
