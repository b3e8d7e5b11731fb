// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** Takes octets that are ready to travel. */
interface Outlet {
    void write(byte octet) throws IOException;

    void write(byte[] octets, int offset, int length) throws IOException;
}
