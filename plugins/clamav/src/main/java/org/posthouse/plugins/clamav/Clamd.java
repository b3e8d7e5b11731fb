// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.clamav;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.posthouse.api.Content;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.daemon.Standing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One clamd: where it is, how it is asked, and whether it is left alone for now. */
final class Clamd {
    private static final Logger LOG = LoggerFactory.getLogger(Clamd.class);

    private final String place;
    private final Dns dns;
    private final Standing standing;

    /**
     * The clamd at a place.
     *
     * @param place the path of a UNIX socket, or host:port
     * @throws IllegalArgumentException when it is neither
     */
    Clamd(String place, Dns dns, long restNanos, LongSupplier clock) {
        if (!place.startsWith("/") && !place.matches("(\\[[0-9A-Fa-f:.]+]|[^:/\\[\\]\\s]+):[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "servers: expected the path of a socket or host:port, not '" + place + "'");
        }
        int port = place.startsWith("/") ? 1 : Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("servers: the port of '" + place + "' is not within 1 and 65535");
        }
        this.place = place;
        this.dns = dns;
        this.standing = new Standing(LOG, "clamd at " + place, restNanos, clock);
    }

    Standing standing() {
        return standing;
    }

    /** What it says of the octets, by this time at the latest. */
    Catch scan(Content octets, long deadline) throws IOException {
        try (Wire wire = Wire.to(address(), deadline);
                InputStream in = octets.open()) {
            boolean whole;
            try {
                wire.command("INSTREAM");
                whole = wire.stream(in);
            } catch (IOException e) {
                return said(wire, e);
            }
            Catch caught = Catch.read(wire.answer());
            if (caught.clean() && !whole) {
                throw new IOException("it says OK before it has the whole message");
            }
            return caught;
        }
    }

    /** What it said before it closed: it may have found something, or say why it takes no more. */
    private static Catch said(Wire wire, IOException broken) throws IOException {
        Catch caught;
        try {
            caught = Catch.read(wire.answer());
        } catch (IOException e) {
            e.addSuppressed(broken);
            throw e;
        }
        if (caught.clean()) {
            throw broken;
        }
        return caught;
    }

    /**
     * Asks whether it is there.
     *
     * @throws IOException when it is not
     */
    void ping(long deadline) throws IOException {
        try (Wire wire = Wire.to(address(), deadline)) {
            wire.command("PING");
            String answer = wire.answer();
            if (!answer.equals("PONG")) {
                throw new IOException("no PONG");
            }
        }
    }

    private SocketAddress address() throws IOException {
        if (place.startsWith("/")) {
            return UnixDomainSocketAddress.of(place);
        }
        int colon = place.lastIndexOf(':');
        String host = place.substring(0, colon);
        int port = Integer.parseInt(place.substring(colon + 1));
        boolean literal = host.startsWith("[") || host.matches("[0-9.]+");
        if (literal) {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        }
        if (host.equals("localhost")) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }
        List<InetAddress> addresses = new ArrayList<>(dns.a(host).records());
        if (addresses.isEmpty()) {
            addresses.addAll(dns.aaaa(host).records());
        }
        if (addresses.isEmpty()) {
            throw new IOException(host + " has no address");
        }
        return new InetSocketAddress(addresses.getFirst(), port);
    }

    @Override
    public String toString() {
        return place;
    }
}
