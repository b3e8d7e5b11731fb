// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.posthouse.cluster.protocol.Response;

/** Calls that wait for their answers, the oldest first. */
final class Calls {
    /**
     * One of them.
     *
     * @param member who was asked; nobody else can answer
     * @param at when, in milliseconds of the monotonic clock
     * @param answer who wants to know
     */
    record Call(String member, long at, Consumer<Response> answer) {}

    private final Map<Long, Call> waiting = new LinkedHashMap<>();
    // Begins anywhere, so that an answer to an earlier process finds nobody.
    private long next = new SecureRandom().nextLong();

    /** Adds a call and gives it a number. */
    long add(Call call) {
        waiting.put(++next, call);
        return next;
    }

    /** The call that this member answers; it waits no more. */
    Optional<Call> answered(long number, String member) {
        Call call = waiting.get(number);
        if (call == null || !call.member().equals(member)) {
            return Optional.empty();
        }
        waiting.remove(number);
        return Optional.of(call);
    }

    /** Those that were made so long ago; they wait no more. */
    List<Call> overdue(long now, long timeout) {
        List<Call> over = new ArrayList<>();
        Iterator<Call> all = waiting.values().iterator();
        while (all.hasNext()) {
            Call call = all.next();
            if (now - call.at() < timeout) {
                break;
            }
            all.remove();
            over.add(call);
        }
        return over;
    }

    int size() {
        return waiting.size();
    }
}
