// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;

/** What is going on about one message; nothing of it must survive. */
final class Dealing {
    /** Which version each keeper has, as far as it has said so. */
    final Map<String, Long> acked = new ByMember<>();

    final Set<String> calling = new FewNames();
    final Map<String, Answer> heard = new ByMember<>();

    /** Keepers that do not have the envelope as it is now. */
    final Set<String> outdated = new FewNames();

    /** Keepers that said that they have no octets. */
    final Set<String> lacking = new FewNames();

    /** Keepers to which octets are on their way. */
    final Set<String> supplied = new FewNames();

    private @Nullable Map<Integer, Long> flying;

    /** The version with which the envelope was written anew. */
    long rewritten;

    /** The version with which owner or keepers last changed: what was answered to earlier ones was answered by others. */
    long arranged;

    long durable = -1;
    long entitled = -1;
    long askedOwner;
    long pause;
    long asked = -1;
    boolean orphan;

    /** To whom this node hands it over, and since when; the keepers that know of it are among the acknowledged. */
    @Nullable
    Ballot heir;

    long handed;

    /** Whether it came in here in this life, so that nobody else has its octets. */
    boolean fresh;

    /** The message by whose change it came in, and the version with that change; 0 when it is not known any more. */
    @Nullable
    MessageId parent;

    long parentVersion;

    /** Whether others are asked, in silence, what became of a message whose last outcome only this node may know. */
    boolean reconsidered;

    /** Whether they said that another node has it, so that this outcome is void. */
    boolean taken;

    @Nullable
    Admission admission;

    private final List<Wait> waits = new ArrayList<>(0);

    /** Somebody who waits until a version is known to all who must know it, or never will be. */
    private record Wait(long version, Consumer<Boolean> then) {}

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

    /** Recipients that are in the hands of a courier of this process, and the version that said so first. */
    Map<Integer, Long> flying() {
        return flying == null ? Map.of() : flying;
    }

    /** A courier has this recipient in hand, since this version unless since an earlier one. */
    void fly(int recipient, long version) {
        if (flying == null) {
            flying = new HashMap<>(4);
        }
        flying.putIfAbsent(recipient, version);
    }

    /** No courier has it in hand any more. */
    void land(int recipient) {
        if (flying != null && flying.remove(recipient) != null && flying.isEmpty()) {
            flying = null;
        }
    }

    /** Whether nothing is known or awaited in here that would be missed, but for who has which version. */
    boolean idle() {
        return calling.isEmpty()
                && heard.isEmpty()
                && outdated.isEmpty()
                && lacking.isEmpty()
                && supplied.isEmpty()
                && flying().isEmpty()
                && waits.isEmpty()
                && admission == null
                && parent == null
                && heir == null
                && !(orphan || fresh || reconsidered || taken);
    }

    /** The same of a message that has ended, which all know who had a copy: where its octets are is of no use any more. */
    boolean spent() {
        return calling.isEmpty()
                && heard.isEmpty()
                && flying().isEmpty()
                && waits.isEmpty()
                && admission == null
                && heir == null
                && !(orphan || reconsidered || taken);
    }

    /** Says when all who must know this version of it do. */
    void whenSaid(long version, Consumer<Boolean> then) {
        waits.add(new Wait(version, then));
    }

    boolean awaited() {
        return !waits.isEmpty();
    }

    /** Ends the waits for versions that are said, or all of them with a no when none will be. */
    void said(LongPredicate known, boolean hopeless) {
        for (Wait wait : List.copyOf(waits)) {
            boolean said = known.test(wait.version());
            if (said || hopeless) {
                waits.remove(wait);
                wait.then().accept(said);
            }
        }
    }
}
