// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

/** The two halves of {@code host:port} or {@code [v6]:port}; the host without brackets, {@code *} as any address. */
record HostPort(String host, int port) {
    static HostPort parse(String address) {
        int colon = address.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("Not host:port: " + address);
        }
        String given = address.substring(0, colon);
        String host = given.equals("*") ? "0.0.0.0" : given;
        boolean literal = host.startsWith("[") && host.endsWith("]");
        return new HostPort(
                literal ? host.substring(1, host.length() - 1) : host, Integer.parseInt(address.substring(colon + 1)));
    }

    /** The host as it stands in a Host header. */
    String authority() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }
}
