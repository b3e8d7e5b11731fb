// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.posthouse.itests.fuzz.Claim;

/** Headers of the PROXY protocol: the same however the octets are cut, and what was read says the same when it is said again. */
public final class ProxyHeaderTarget {
    private ProxyHeaderTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        String whole = read(data, Math.max(1, data.length));
        Claim.same(whole, read(data, 1));
        Claim.same(whole, read(data, 5));
        ProxyHeader header = ProxyHeader.read(Pieces.of(data, 4096), Long.MAX_VALUE);
        if (header == null || header.client() == null || header.target() == null) {
            return;
        }
        InetSocketAddress client = header.client();
        InetSocketAddress target = header.target();
        int length = client.getAddress().getAddress().length;
        if (length == target.getAddress().getAddress().length) {
            String again = "PROXY " + (length == 4 ? "TCP4 " : "TCP6 ")
                    + client.getAddress().getHostAddress() + " "
                    + target.getAddress().getHostAddress() + " " + client.getPort() + " " + target.getPort();
            Claim.same(header, Objects.requireNonNull(ProxyHeader.parse(again), again));
        }
    }

    private static String read(byte[] data, int size) throws IOException {
        Octets in = Pieces.of(data, size);
        ProxyHeader header = ProxyHeader.read(in, Long.MAX_VALUE);
        // Of what is no header nobody reads on.
        return header == null ? "none" : header + " then " + Pieces.rest(in);
    }
}
