// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.posthouse.api.Reply;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Dns.Mx;
import org.posthouse.api.service.Dns.Status;

/** Finds the hosts that take mail for a domain (RFC 5321 5.1). */
final class Exchangers {
    private static final Reply TEMPORARY = new Reply(451, "4.4.3", "The mail exchangers can not be looked up now");
    private static final Reply NO_DOMAIN = new Reply(550, "5.1.2", "The domain does not exist");
    private static final Reply NO_HOST = new Reply(550, "5.4.4", "The domain has no mail exchanger and no address");
    private static final Reply NULL_MX = new Reply(556, "5.1.10", "The domain takes no mail (null MX)");
    private static final Reply LOOP = new Reply(554, "5.4.6", "Mail for the domain loops back to myself");

    private final Dns dns;
    private final boolean ipv6;
    private final Set<String> ourNames;

    /** @param ourNames names under which mail exchanger records mean us, in lower case */
    Exchangers(Dns dns, boolean ipv6, Set<String> ourNames) {
        this.dns = dns;
        this.ipv6 = ipv6;
        this.ourNames = Set.copyOf(ourNames);
    }

    /** What was found. */
    sealed interface Found {
        /** Hosts of equal preference together, the best first. */
        record Hosts(List<List<String>> groups) implements Found {}

        /** The recipient is decided by this reply. */
        record Decided(Reply reply) implements Found {}
    }

    /** The hosts for a domain or an address literal (RFC 5321 4.1.3). */
    Found of(String domain) {
        if (domain.startsWith("[") && domain.endsWith("]")) {
            String inner = domain.substring(1, domain.length() - 1);
            boolean six = inner.toLowerCase(Locale.ROOT).startsWith("ipv6:");
            return hosts(List.of(List.of(six ? inner.substring(5) : inner)));
        }
        Dns.Answer<Mx> answer = dns.mx(domain);
        return switch (answer.status()) {
            case FOUND -> listed(answer.records());
            case NO_DATA -> implicit(domain);
            case NO_NAME -> new Found.Decided(NO_DOMAIN);
            case TEMPORARY -> new Found.Decided(TEMPORARY);
        };
    }

    private static Found hosts(List<List<String>> groups) {
        return new Found.Hosts(groups);
    }

    private Found listed(List<Mx> records) {
        List<Mx> named = records.stream().filter(mx -> !mx.host().isEmpty()).toList();
        if (named.isEmpty()) {
            // RFC 7505 4.1
            return new Found.Decided(NULL_MX);
        }
        int ours = named.stream()
                .filter(mx -> ourNames.contains(mx.host()))
                .mapToInt(Mx::preference)
                .min()
                .orElse(Integer.MAX_VALUE);
        TreeMap<Integer, List<String>> groups = new TreeMap<>();
        for (Mx mx : named) {
            // RFC 5321 5.1: hosts no better than ourselves would send it back.
            if (mx.preference() < ours) {
                groups.computeIfAbsent(mx.preference(), p -> new ArrayList<>()).add(mx.host());
            }
        }
        groups.values().forEach(g -> g.sort(null));
        return groups.isEmpty() ? new Found.Decided(LOOP) : hosts(List.copyOf(groups.values()));
    }

    /** RFC 5321 5.1: without MX records the domain is its own mail exchanger. */
    private Found implicit(String domain) {
        if (ourNames.contains(domain)) {
            return new Found.Decided(LOOP);
        }
        Dns.Answer<InetAddress> four = dns.a(domain);
        if (four.found()) {
            return hosts(List.of(List.of(domain)));
        }
        Status six = ipv6 ? dns.aaaa(domain).status() : Status.NO_DATA;
        if (six == Status.FOUND) {
            return hosts(List.of(List.of(domain)));
        }
        boolean temporary = four.status() == Status.TEMPORARY || six == Status.TEMPORARY;
        return new Found.Decided(temporary ? TEMPORARY : NO_HOST);
    }
}
