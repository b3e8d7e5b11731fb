// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.posthouse.config.spi.SecretFile;

/** Lets a request in: it must name this server, so that no web page reaches it by DNS rebinding, and carry the token. */
final class Guard {
    private static final String SCHEME = "Bearer ";

    private final SecretFile token;
    private final Set<String> hosts;

    Guard(SecretFile token, List<String> names) {
        this.token = token;
        Set<String> all = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
        names.forEach(name -> all.add(name.toLowerCase(Locale.ROOT)));
        this.hosts = Set.copyOf(all);
    }

    void check(Request request) throws Problem {
        if (!hosts.contains(name(request.host()))) {
            throw Problem.misdirected();
        }
        String authorization = request.authorization();
        // RFC 9110 11.1: the scheme is case-insensitive.
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                || !token.matches(authorization.substring(SCHEME.length()).strip())) {
            throw Problem.unauthorized();
        }
    }

    /** The host of {@code host[:port]}, in lower case, a v6 literal with its brackets. */
    static String name(String authority) {
        int bracket = authority.lastIndexOf(']');
        int colon = authority.lastIndexOf(':');
        String host = colon > bracket ? authority.substring(0, colon) : authority;
        return host.toLowerCase(Locale.ROOT);
    }
}
