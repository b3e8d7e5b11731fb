// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** Hears what a {@link MimeWalk} comes across, in order. */
interface PartVisitor {
    /** The header block of an entity with its empty line; what follows is its body. */
    void header(byte[] block, int length, PartHeader header, boolean signed) throws IOException;

    /** Octets of a body that holds no further entities. */
    void leaf(byte[] octets, int length) throws IOException;

    /** The body ends; the line end before a boundary does not belong to it. */
    void leafEnd() throws IOException;

    /** Boundaries and what stands outside of the parts. */
    void between(byte[] octets, int length) throws IOException;

    /** The structure can not be followed. */
    void lost();
}
