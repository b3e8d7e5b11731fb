// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.daemon.Standing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One rspamd: where it is, and whether it is left alone for now. */
final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final URI base;
    private final Dns dns;
    private final Standing standing;

    /**
     * The rspamd at a URL.
     *
     * @throws IllegalArgumentException when that is no URL of HTTP
     */
    Server(String url, Dns dns, long restNanos, LongSupplier clock) {
        URI parsed = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
        boolean http = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
        if (!http || parsed.getHost() == null || parsed.getQuery() != null || parsed.getUserInfo() != null) {
            throw new IllegalArgumentException("servers: expected http://host:port, not '" + url + "'");
        }
        this.base = parsed;
        this.dns = dns;
        this.standing = new Standing(LOG, base.toString(), restNanos, clock);
    }

    Standing standing() {
        return standing;
    }

    /**
     * The address of one of its services; a name is looked up by the server's own resolver.
     *
     * @throws IOException when the name has no address now
     */
    URI service(String path) throws IOException {
        String host = base.getHost();
        boolean literal = host.startsWith("[") || host.matches("[0-9.]+");
        // The certificate is of the name: over TLS the client must know it.
        if (literal || host.equals("localhost") || base.getScheme().equals("https")) {
            return URI.create(base + path);
        }
        List<InetAddress> addresses = new ArrayList<>(dns.a(host).records());
        if (addresses.isEmpty()) {
            addresses.addAll(dns.aaaa(host).records());
        }
        if (addresses.isEmpty()) {
            throw new IOException(host + " has no address");
        }
        String address = addresses.getFirst().getHostAddress();
        String inUrl = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
        String port = base.getPort() < 0 ? "" : ":" + base.getPort();
        return URI.create("http://" + inUrl + port + base.getRawPath() + path);
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
