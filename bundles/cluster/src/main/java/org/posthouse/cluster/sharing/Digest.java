// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.sharing;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Stamp;

/**
 * What a node has of what is shared, in 1,024 numbers: keys are spread over as many ranges by their hash, and the number
 * of each is the sum of the hashes of what is in it, with stamps.
 */
record Digest(long[] ranges) {
    static final int RANGES = 1_024;

    Digest() {
        this(new long[RANGES]);
    }

    /** The range of an item. */
    static int range(Vault.Item item) {
        return (int) (place(item) >>> 54);
    }

    private static long place(Vault.Item item) {
        return mixed(hash(hash(0xcbf29ce484222325L, item.table()), item.key()));
    }

    void add(Vault.Item item, Stamp stamp) {
        ranges[range(item)] += mixed(hash(place(item) ^ mixed(stamp.time()), stamp.node()));
    }

    /** Where two differ. */
    BitSet differences(Digest other) {
        BitSet differ = new BitSet(RANGES);
        for (int i = 0; i < RANGES; i++) {
            differ.set(i, ranges[i] != other.ranges[i]);
        }
        return differ;
    }

    private static long hash(long seed, String text) {
        long hash = seed;
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ octet) * 0x100000001b3L;
        }
        return (hash ^ 0xff) * 0x100000001b3L;
    }

    private static long mixed(long value) {
        long x = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return x ^ (x >>> 33);
    }
}
