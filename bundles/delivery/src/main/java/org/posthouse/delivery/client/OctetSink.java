// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** Where octets go, block by block. */
interface OctetSink {
    /** Takes octets; the array may be used anew afterwards. */
    void put(byte[] octets, int offset, int length) throws IOException;

    /** No more octets come. */
    void end() throws IOException;
}
