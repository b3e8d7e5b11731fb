// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Small values that come in with each record and are always the same: names of members, their lives, who owns and who
 * keeps. One of each is enough for two hundred thousand messages. Bounded: when there are more, it begins anew.
 */
final class Shared {
    private static final int MOST = 4_096;

    private final ConcurrentMap<Object, Object> all = new ConcurrentHashMap<>();

    /** The value itself, or one that is equal and was there before. */
    @SuppressWarnings("unchecked") // What is equal to a record, a list or a text is of its kind.
    <T> T one(T value) {
        if (all.size() >= MOST) {
            all.clear();
        }
        Object known = all.putIfAbsent(value, value);
        return known == null ? value : (T) known;
    }
}
