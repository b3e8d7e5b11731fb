// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import com.hazelcast.spi.exception.CallerNotMemberException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds out whether this node takes part in a cluster that others have long put it out of. After a net that came and went
 * Hazelcast may keep a member that answers each call with "not a member", and neither of the two ever finds out; only a
 * new beginning of this one ends it.
 */
final class Estrangement {
    /** Longer than Hazelcast takes to put members out, to choose a master and to merge. */
    private static final long PATIENCE_MILLIS = 20_000;

    private static final int DEEPEST = 10;

    private final Map<String, Long> since = new ConcurrentHashMap<>();

    /** A member took something from this node. */
    void taken(String member) {
        since.remove(member);
    }

    /**
     * Something could not be carried to a member.
     *
     * @param now milliseconds of a clock that does not jump
     * @return whether this member has refused this node as a stranger for too long, and nothing else
     */
    boolean refused(String member, Throwable failure, long now) {
        if (!stranger(failure)) {
            return false;
        }
        Long first = since.putIfAbsent(member, now);
        return first != null && now - first >= PATIENCE_MILLIS;
    }

    private static boolean stranger(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; i < DEEPEST && cause != null; i++) {
            if (cause instanceof CallerNotMemberException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** A new beginning. */
    void clear() {
        since.clear();
    }
}
