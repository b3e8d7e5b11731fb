// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** Passes octets on as they are: BINARYMIME (RFC 3030 3). */
record Unchanged(Outlet out) implements OctetSink {
    @Override
    public void put(byte[] octets, int offset, int length) throws IOException {
        out.write(octets, offset, length);
    }

    @Override
    public void end() {}
}
