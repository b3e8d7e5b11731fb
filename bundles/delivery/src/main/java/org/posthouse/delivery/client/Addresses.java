// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.posthouse.api.service.Dns;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The addresses of a host, in the order they are tried. */
public final class Addresses {
    private static final Logger LOG = LoggerFactory.getLogger(Addresses.class);

    /** With octets up to 255: of 1.2.3.999 Java would ask the resolver of the system. */
    private static final Pattern FOUR = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\\.(?!$)|$)){4}");

    private final Dns dns;
    private final boolean ipv6;

    public Addresses(Dns dns, boolean ipv6) {
        this.dns = dns;
        this.ipv6 = ipv6;
    }

    /**
     * What is known of a host.
     *
     * @param addresses IPv6 and IPv4 in turn (RFC 8305 4)
     * @param temporary whether more could not be told now
     */
    public record Known(List<InetAddress> addresses, boolean temporary) {
        public Known {
            addresses = List.copyOf(addresses);
        }
    }

    /** The addresses of a name, or of an address given without brackets. */
    public Known of(String host) {
        Optional<InetAddress> literal = literal(host);
        if (literal.isPresent()) {
            return new Known(List.of(literal.get()), false);
        }
        if (host.equals("localhost")) {
            // RFC 6761 6.3: never asked of DNS.
            return new Known(List.of(InetAddress.getLoopbackAddress()), false);
        }
        Dns.Answer<InetAddress> four = dns.a(host);
        List<InetAddress> sixes = List.of();
        boolean temporary = four.status() == Dns.Status.TEMPORARY;
        if (ipv6) {
            Dns.Answer<InetAddress> six = dns.aaaa(host);
            sixes = six.records();
            temporary |= six.status() == Dns.Status.TEMPORARY;
        }
        return new Known(interleave(sixes, four.records()), temporary);
    }

    /** The same for a host the operator named, who may mean the hosts file or a search domain. */
    public Known ofNextHop(String host) {
        Known known = of(host);
        if (!known.addresses().isEmpty() || known.temporary()) {
            return known;
        }
        try {
            return new Known(List.of(InetAddress.getAllByName(host)), false);
        } catch (UnknownHostException e) {
            LOG.debug("Neither DNS nor the system knows {}", host, e);
            return known;
        }
    }

    private static List<InetAddress> interleave(List<InetAddress> first, List<InetAddress> second) {
        List<InetAddress> all = new ArrayList<>(first.size() + second.size());
        Iterator<InetAddress> a = first.iterator();
        Iterator<InetAddress> b = second.iterator();
        while (a.hasNext() || b.hasNext()) {
            if (a.hasNext()) {
                all.add(a.next());
            }
            if (b.hasNext()) {
                all.add(b.next());
            }
        }
        return all;
    }

    /** Reads an address as digits; never asks anybody. */
    static Optional<InetAddress> literal(String text) {
        boolean four = FOUR.matcher(text).matches();
        boolean six = text.indexOf(':') >= 0 && text.chars().allMatch(Addresses::ofIpv6);
        if (!six && !four) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            LOG.debug("{} is no address", text, e);
            return Optional.empty();
        }
    }

    private static boolean ofIpv6(int c) {
        return c == ':' || c == '.' || Character.digit(c, 16) >= 0;
    }

    /** Whether mail sent there could come back to this machine, or go to more than one. */
    static boolean ours(InetAddress address) {
        if (address.isLoopbackAddress() || address.isAnyLocalAddress() || address.isMulticastAddress()) {
            return true;
        }
        byte first = address.getAddress()[0];
        if (address.getAddress().length == 4 && (first == 0 || first == -1)) {
            // RFC 1122 3.2.1.3: "this network" and limited broadcast.
            return true;
        }
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            LOG.debug("The interfaces can not be listed", e);
            return false;
        }
    }
}
