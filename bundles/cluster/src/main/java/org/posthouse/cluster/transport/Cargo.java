// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

/** Takes what other members ship beside their frames: envelopes, octets, and how far octets have come. */
@FunctionalInterface
public interface Cargo {
    /** Takes one of them; may wait for the disk. */
    void take(String from, Item.Kind kind, byte[] octets);
}
