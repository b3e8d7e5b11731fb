// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.network.Network;

/** Where a daemon listens: {@code host:port}, {@code [v6]:port} or {@code unix:/path}, with {@code inet:} in front or not. */
public sealed interface Endpoint {
    /** The addresses to try, in order; looked up at each call. */
    List<SocketAddress> addresses(Dns dns) throws UnknownHostException;

    /** A port of a host. */
    record Tcp(String host, int port) implements Endpoint {
        @Override
        public List<SocketAddress> addresses(Dns dns) throws UnknownHostException {
            List<SocketAddress> all = new ArrayList<>();
            if (host.equalsIgnoreCase("localhost")) {
                all.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } else if (LITERAL.matcher(host).matches()) {
                all.add(new InetSocketAddress(literal(host), port));
            } else {
                dns.a(host).records().forEach(address -> all.add(new InetSocketAddress(address, port)));
                dns.aaaa(host).records().forEach(address -> all.add(new InetSocketAddress(address, port)));
            }
            if (all.isEmpty()) {
                throw new UnknownHostException("no address of " + host + " is known");
            }
            return all;
        }

        /** Digits and dots may still be none, and then Java's resolver would be asked for them as for a name. */
        private static InetAddress literal(String host) throws UnknownHostException {
            try {
                return Network.literal(host);
            } catch (IllegalArgumentException e) {
                UnknownHostException unknown = new UnknownHostException(host + " is no address");
                unknown.initCause(e);
                throw unknown;
            }
        }

        @Override
        public String toString() {
            return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
        }
    }

    /** A socket in the file system. */
    record Unix(String path) implements Endpoint {
        @Override
        public List<SocketAddress> addresses(Dns dns) {
            return List.of(UnixDomainSocketAddress.of(path));
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /** What can be an address and nothing else. */
    Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /** A host and a port, the host in brackets when it has colons. */
    Pattern HOST_PORT = Pattern.compile("(?:inet6?:)?(?:\\[([0-9a-fA-F:.]+)]|([A-Za-z0-9._-]+)):(\\d{1,5})");

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Endpoint parse(String text) {
        for (String scheme : List.of("unix:", "local:")) {
            if (text.startsWith(scheme + "/")) {
                return new Unix(text.substring(scheme.length()));
            }
        }
        Matcher parts = HOST_PORT.matcher(text);
        int port = parts.matches() ? Integer.parseInt(parts.group(3)) : 0;
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("not host:port, [v6]:port or unix:/path: " + text);
        }
        return new Tcp(parts.group(1) == null ? parts.group(2) : parts.group(1), port);
    }
}
