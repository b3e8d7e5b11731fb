// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;

/** What is going on about one message; nothing of it must survive. */
final class Dealing {
    /** Which version each keeper has, as far as it has said so. */
    final Map<String, Long> acked = new HashMap<>(4);

    final Set<String> calling = new HashSet<>(4);
    final Map<String, Answer> heard = new HashMap<>(4);

    /** Recipients that are in the hands of a courier of this process. */
    final Set<Integer> flying = new HashSet<>(4);

    /** Keepers that do not have the envelope as it is now. */
    final Set<String> outdated = new HashSet<>(4);

    /** Keepers that said that they have no octets. */
    final Set<String> lacking = new HashSet<>(4);

    /** Keepers to which octets are on their way. */
    final Set<String> supplied = new HashSet<>(4);

    /** The version with which the envelope was written anew. */
    long rewritten;

    long durable = -1;
    long entitled = -1;
    long askedOwner;
    long pause;
    long asked = -1;
    boolean orphan;

    /** Whether it came in here in this life, so that nobody else has its octets. */
    boolean fresh;

    /** The message by whose change it came in. */
    @Nullable
    MessageId parent;

    @Nullable
    Admission admission;

    private @Nullable List<Runnable> waits;

    /** A client that waits for its 250. */
    static final class Admission {
        final long began;
        final Consumer<Receipt> then;
        long asked;
        boolean aborted;

        Admission(long began, Consumer<Receipt> then) {
            this.began = began;
            this.asked = began;
            this.then = then;
        }
    }

    Dealing(long askedOwner, long pause) {
        this.askedOwner = askedOwner;
        this.pause = pause;
    }

    /** Does this when all who must know the last word of it do. */
    void whenSaid(Runnable then) {
        if (waits == null) {
            waits = new ArrayList<>(2);
        }
        waits.add(then);
    }

    boolean awaited() {
        return waits != null;
    }

    void said() {
        List<Runnable> all = waits;
        waits = null;
        if (all != null) {
            all.forEach(Runnable::run);
        }
    }
}
