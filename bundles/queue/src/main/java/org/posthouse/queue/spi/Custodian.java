// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/**
 * Has messages in custody with other nodes; implemented by the cluster. It is shown each change of a message before it is
 * committed, adds its own records to it, and tells the others once it is on disk: first one's own disk, then theirs.
 *
 * <p>Questions about a message, and {@link #alter}, are asked under the lock of that message and must not wait. The
 * custodian writes what it learns from others by {@link Holdings}, whose lock of a message comes before any of its own.
 */
public interface Custodian {
    /** Nobody else has anything: a single node. Costs nothing. */
    Custodian ALONE = new Alone();

    /** The custodian of a cluster went away: until it is back nothing is accepted, delivered or changed. */
    Custodian AWAY = new Away();

    /** Why no message can be taken now, as a sentence for people; empty when one can. */
    String closed();

    /**
     * Whether this node may deliver and change the message now: it is its owner, and current, and either nobody else can
     * have a copy or the lease holds. Not while {@link #admit} is unanswered.
     */
    boolean owns(MessageId id);

    /** Why it does not, as a sentence for people. */
    String why(MessageId id);

    /**
     * Whether the message is this node's to show: of others it only has a copy. Unlike {@link #owns} it may be unable to
     * do anything with it now.
     */
    boolean shows(MessageId id);

    /**
     * What of all that is on this disk is this node's to show.
     *
     * @return messages and recipients of which it is the owner; the octets are all, copies included
     */
    Spool.Counts shown(Spool.Counts all);

    /** Whether another node may have a copy. What is written of it is synced then, for others are told of it. */
    boolean shared(MessageId id);

    /** By which claim this node owns the message: what it writes of recipients bears it. */
    long epoch(MessageId id);

    /**
     * Whether it has been told already that this recipient, which was on its way when its process or its owner ended, may
     * have the message ({@link Holdings#doubted}); else whoever finds it on its way tells it.
     */
    boolean isDoubted(MessageId id, int recipient);

    /** What becomes of a recipient that may have the message already: DEFERRED to try again, HELD to ask a person. */
    State doubted();

    /**
     * New messages are about to be committed; none of them is delivered before the {@link Pledge#word} is there.
     *
     * @param octets what the messages share, finished, so that it can be on its way to others while it is written here;
     *     null when the spool has it already
     * @param change gets the records of the messages
     * @throws SpoolException when they can not be taken
     */
    Pledge admit(List<Spool.Stored> entering, @Nullable Draft octets, Change change) throws SpoolException;

    /**
     * A message is about to be changed.
     *
     * @param change gets the records of the message and of those that enter with it. A record outlives its message
     * @return its word is there when everybody who may deliver the message has this on disk, or is gone; it is no consent
     *     when the message is another node's by then
     * @throws SpoolException when it must not be written now, or says what this node may not say
     */
    Pledge alter(Turn turn, Change change) throws SpoolException;

    /**
     * Whether this node may still say that a recipient which it tried is in this state now. That it was delivered is true
     * whoever owns the message by now; what else became of it, with the notices that it causes, is for the owner to say.
     */
    boolean maySay(MessageId id, State state);

    /** Recipients are in nobody's hands here any more, and what became of them was not this node's to say. */
    void land(MessageId id, List<Integer> recipients);

    /**
     * Right before the final dot, with no lock held and without waiting: whether the message is ours, all who may ever
     * deliver it know that these recipients are in transit, and nobody has told meanwhile that one of them has ended.
     */
    boolean mayGo(MessageId id, List<Integer> recipients);

    /** From now on others are to own what this node owns, as far as they can, for it is about to stop; or no more so. */
    default void leave(boolean now) {}

    /** What keeps others from doing without this node, one sentence for each kind; looks at every message. */
    default List<String> unfinished() {
        return List.of();
    }

    /** Why a message changes. */
    enum Deed {
        /** Recipients are about to be handed over. */
        INTENT,
        /** What became of recipients, with the notices that it causes. */
        OUTCOME,
        /** Recipients were not tried and wait again. */
        REST,
        /** Recipients were in transit when the process ended. */
        DOUBT,
        /** An operator said so. */
        VERB,
        /** The queue hooks said so: the envelope may be another one, and messages may have been split off. */
        JUDGEMENT,
        /** It had ended, and nobody reads it any more. */
        CLEARANCE
    }

    /** One change of one message. */
    interface Turn {
        MessageId id();

        Deed deed();

        /** The records of recipients that change, as they will be. */
        List<Progress> changed();

        /** The envelope that is written in place of the one before; null when it stays. */
        @Nullable
        Envelope rewritten();

        /** Messages that enter with this change: notices, and what was split off. They are where this message is. */
        List<Spool.Stored> entering();

        /** Whether the message leaves the spool with this. */
        boolean removes();
    }

    /** What follows a change that the custodian has seen. */
    interface Pledge {
        /** The change is on disk. Must not wait. */
        void kept();

        /** It is not, or it can not be told: what is on disk is to be read again. Must not wait. */
        void broken();

        /** What the others say to it; may be asked for when it was kept. */
        CompletableFuture<Word> word();
    }

    /**
     * What the others say.
     *
     * @param copies on how many nodes it is, this one included
     */
    record Word(Kind kind, int copies) {
        /** What to answer. */
        public enum Kind {
            /** 250. */
            ACCEPTED,
            /** 451: no node will ever deliver it. */
            DEFERRED,
            /** No reply, the connection is closed: somebody may have it and deliver it. */
            CLOSED
        }
    }
}
