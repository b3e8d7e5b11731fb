// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.settings;

/**
 * A host and a port.
 *
 * @param host a name or an address, without brackets
 * @param port from 0
 */
public record Socket(String host, int port) {
    /** The socket of {@code host:port} or {@code [v6]:port}, which was checked to be one. */
    public static Socket parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("expected a socket address such as 10.0.0.1:5701, not " + text);
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return new Socket(
                bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(text.substring(colon + 1)));
    }

    /** Whether it is an address of IPv6. */
    public boolean v6() {
        return host.indexOf(':') >= 0;
    }

    /** Whether the host is an address, not a name. */
    public boolean numeric() {
        return v6() || host.matches("[0-9.]+");
    }

    /** Whether it stands for all addresses of this machine. */
    public boolean any() {
        return host.equals("*") || host.equals("0.0.0.0") || host.equals("::");
    }

    @Override
    public String toString() {
        return v6() ? "[" + host + "]:" + port : host + ":" + port;
    }
}
