// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How one limit is divided among the members that store mail: in whole units, as evenly as they go. Half of its share a
 * member keeps whatever happens; the other half it lends, and somebody stands in for it when it is away. Who comes first
 * is different from limit to limit, by the highest hash.
 */
final class Division {
    private final List<String> order;
    private final long units;

    /**
     * @param limit the name of the limit
     * @param units how many there are
     */
    Division(String limit, long units, List<String> members) {
        long seed = hash(limit);
        this.order = members.stream()
                .sorted(Comparator.<String>comparingLong(m -> mixed(seed ^ hash(m)))
                        .thenComparing(m -> m))
                .toList();
        this.units = units;
    }

    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ octet) * 0x100000001b3L;
        }
        return hash;
    }

    private static long mixed(long value) {
        long x = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return x ^ (x >>> 33);
    }

    private long share(String member) {
        int place = order.indexOf(member);
        if (place < 0) {
            return 0;
        }
        return units / order.size() + (place < units % order.size() ? 1 : 0);
    }

    /** What the member may use whoever is away. */
    long firm(String member) {
        return share(member) / 2;
    }

    /** What the member may use, lend, or have used by others while it is away. */
    long pool(String member) {
        return share(member) - firm(member);
    }

    List<String> members() {
        return order;
    }

    /** Who must be away until this member stands in for that one: itself, and who comes between them. */
    List<String> before(String member, String deputy) {
        List<String> before = new ArrayList<>();
        before.add(member);
        for (String other : order) {
            if (other.equals(deputy)) {
                break;
            }
            if (!other.equals(member)) {
                before.add(other);
            }
        }
        return before;
    }
}
