// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

/**
 * What one node has on disk of one message; envelope and octets lie beside it. When all recipients have ended it is
 * the tombstone, and the octets are gone.
 *
 * @param id the message
 * @param ballot who owns it
 * @param claiming whether the owner still asks the others: it must not deliver
 * @param version raised by its owner with each change
 * @param since the incarnation of the node that has this record in which it last heard of its owner
 * @param keepers who may have a copy, the owner included
 * @param recipients how far each recipient is
 * @param doubted recipients that may have got it already from an owner that failed
 * @param companions notices that must be where this record is
 * @param stamped when the record last began or ended its life, by the wall clock
 */
public record HeldMessage(
        MessageId id,
        Ballot ballot,
        boolean claiming,
        long version,
        long since,
        List<Keeper> keepers,
        List<Progress> recipients,
        Set<Integer> doubted,
        List<MessageId> companions,
        long stamped) {
    public HeldMessage {
        keepers = List.copyOf(keepers);
        recipients = List.copyOf(recipients);
        doubted = Set.copyOf(doubted);
        companions = List.copyOf(companions);
    }

    /** Whether nothing more happens to any recipient. */
    public boolean ended() {
        return recipients.stream().allMatch(p -> p.state().ended());
    }

    /** Whether a recipient is on its way. */
    public boolean inFlight() {
        return recipients.stream().anyMatch(p -> p.state() == State.IN_TRANSIT);
    }

    /** Whether nobody else can have a copy. */
    public boolean alone(String self) {
        return keepers.stream().allMatch(k -> k.node().equals(self));
    }

    /** This node among the keepers. */
    public Optional<Keeper> keeper(String node) {
        return keepers.stream().filter(k -> k.node().equals(node)).findFirst();
    }

    /** The same with what another record knows of the recipients; nothing is ever merged away. */
    public HeldMessage learning(HeldMessage other) {
        List<Progress> merged = new ArrayList<>(recipients.size());
        for (int i = 0; i < recipients.size(); i++) {
            merged.add(Merge.of(recipients.get(i), other.recipients.get(i)));
        }
        SortedSet<Integer> doubts = new TreeSet<>(doubted);
        doubts.addAll(other.doubted);
        return new HeldMessage(
                id,
                ballot,
                claiming,
                version,
                since,
                keepers,
                merged,
                doubts,
                companions,
                Math.max(stamped, other.stamped));
    }

    /** The same without the ends of which senders are told: what is told alone, without its notices, is lost with them. */
    public HeldMessage withheld() {
        return recorded(recipients.stream()
                .map(p -> badly(p) ? Progress.initial(p.recipient(), State.QUEUED, Instant.EPOCH) : p)
                .toList());
    }

    static boolean badly(Progress p) {
        return p.state().ended() && p.state() != State.DELIVERED;
    }

    /** Whether another record knows every such end that this one knows; with it came its notice. */
    public boolean agrees(HeldMessage other) {
        for (int i = 0; i < recipients.size(); i++) {
            Progress p = recipients.get(i);
            Progress theirs = other.recipients.get(i);
            if (badly(p)
                    && !(p.state() == theirs.state()
                            && p.epoch() == theirs.epoch()
                            && p.sequence() == theirs.sequence())) {
                return false;
            }
        }
        return true;
    }

    /** The same as a question that tells nothing: nobody learns from it that there is a copy, or what it says. */
    public HeldMessage question() {
        HeldMessage silent = withheld();
        return new HeldMessage(
                id, ballot, claiming, version, since, List.of(), silent.recipients, Set.of(), List.of(), stamped);
    }

    /** Whether it is only asked what is known. */
    public boolean asks() {
        return keepers.isEmpty();
    }

    /** The same as whoever took the message has it: of what was said here last, only what was delivered stays. */
    public HeldMessage yieldedTo(HeldMessage theirs) {
        List<Progress> next = new ArrayList<>(recipients.size());
        for (int i = 0; i < recipients.size(); i++) {
            Progress p = recipients.get(i);
            next.add(p.state() == State.DELIVERED ? Merge.of(p, theirs.recipients.get(i)) : theirs.recipients.get(i));
        }
        SortedSet<Integer> doubts = new TreeSet<>(doubted);
        doubts.addAll(theirs.doubted);
        return new HeldMessage(
                id,
                theirs.ballot,
                theirs.claiming,
                theirs.version,
                since,
                theirs.keepers,
                next,
                doubts,
                List.of(),
                Math.max(stamped, theirs.stamped));
    }

    /** The same as another incarnation of its keeper has it. */
    public HeldMessage since(long incarnation) {
        return new HeldMessage(
                id, ballot, claiming, version, incarnation, keepers, recipients, doubted, companions, stamped);
    }

    /** The same under another ballot. */
    public HeldMessage under(Ballot next, boolean stillAsking) {
        return new HeldMessage(
                id, next, stillAsking, version, since, keepers, recipients, doubted, companions, stamped);
    }

    /** The next version with other keepers. */
    public HeldMessage kept(List<Keeper> by) {
        return new HeldMessage(id, ballot, claiming, version + 1, since, by, recipients, doubted, companions, stamped);
    }

    /** The next version with other progress. */
    public HeldMessage advanced(UnaryOperator<Progress> change, long now) {
        List<Progress> next = recipients.stream().map(change).toList();
        return new HeldMessage(id, ballot, claiming, version + 1, since, keepers, next, doubted, companions, now);
    }

    /** The same with these records of its recipients. */
    public HeldMessage recorded(List<Progress> next) {
        return new HeldMessage(id, ballot, claiming, version, since, keepers, next, doubted, companions, stamped);
    }

    /** The same with these notices beside it. */
    public HeldMessage with(List<MessageId> notices) {
        return new HeldMessage(id, ballot, claiming, version, since, keepers, recipients, doubted, notices, stamped);
    }

    /** The same with these recipients in doubt. */
    public HeldMessage doubting(Set<Integer> more) {
        SortedSet<Integer> doubts = new TreeSet<>(doubted);
        doubts.addAll(more);
        return new HeldMessage(id, ballot, claiming, version, since, keepers, recipients, doubts, companions, stamped);
    }
}
