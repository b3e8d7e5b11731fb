// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

/** What owner, keeper and one who is back share: the records, what is going on about them, and how they are judged. */
final class Desk {
    /** For how long at first a keeper does not ask the owner of a message again, and nobody asks all others again. */
    static final long ASK_AGAIN = 15_000;

    final Membership members;
    final Rules rules;
    final Clocks clocks;
    final Standing standing;
    final Ledger ledger;
    final Journal journal;
    private final Map<MessageId, Dealing> dealings = new HashMap<>();
    /** The versions of ends that everybody who had a copy has on disk. They are most of all records of a node. */
    private final Map<MessageId, Long> common = new HashMap<>();

    private final Set<MessageId> restless = new LinkedHashSet<>();
    private final Consumer<MessageId> worker;

    Desk(
            Membership members,
            Rules rules,
            Clocks clocks,
            Standing standing,
            Ledger ledger,
            Journal journal,
            Consumer<MessageId> worker) {
        this.members = members;
        this.rules = rules;
        this.clocks = clocks;
        this.standing = standing;
        this.ledger = ledger;
        this.journal = journal;
        this.worker = worker;
    }

    String self() {
        return members.self();
    }

    Dealing task(MessageId id) {
        return dealings.computeIfAbsent(id, k -> new Dealing(-ASK_AGAIN, ASK_AGAIN));
    }

    @Nullable
    Dealing dealing(MessageId id) {
        return dealings.get(id);
    }

    void forget(MessageId id) {
        lay(id);
        common.remove(id);
    }

    /** Nothing goes on about it for now. */
    void lay(MessageId id) {
        dealings.remove(id);
        restless.remove(id);
    }

    /** Everybody who had a copy has this end on disk. */
    void common(HeldMessage m) {
        common.put(m.id(), m.version());
    }

    /** Whether everybody who had a copy has this end on disk, as far as this life of the node was told. */
    boolean isCommon(HeldMessage m) {
        return Objects.equals(common.get(m.id()), m.version());
    }

    /** Everything that was going on in the life before is over. */
    List<Dealing> clear() {
        Map<MessageId, Dealing> before = new HashMap<>(dealings);
        dealings.clear();
        common.clear();
        before.forEach((id, t) -> {
            if (t.parent != null) {
                task(id).parent = t.parent;
                stir(id);
            }
        });
        return List.copyOf(before.values());
    }

    void work(MessageId id) {
        worker.accept(id);
    }

    /** Something is to be done about it soon, or is awaited. */
    void stir(MessageId id) {
        restless.add(id);
    }

    void calm(MessageId id) {
        restless.remove(id);
    }

    List<MessageId> restless() {
        return List.copyOf(restless);
    }

    // ---- writing --------------------------------------------------------------------------------------------------

    void write(List<HeldMessage> records) {
        records.forEach(r -> {
            stir(r.id());
            arrange(r, ledger.find(r.id()).orElse(null));
        });
        ledger.put(
                records,
                () -> records.forEach(r -> {
                    durable(r);
                    work(r.id());
                }));
    }

    void durable(HeldMessage r) {
        Dealing t = task(r.id());
        t.durable = Math.max(t.durable, r.version());
    }

    private void arrange(HeldMessage next, @Nullable HeldMessage before) {
        if (before == null
                || !next.ballot().equals(before.ballot())
                || !next.keepers().equals(before.keepers())) {
            task(next.id()).arranged = next.version();
        }
    }

    void keep(HeldMessage next, HeldMessage before, Runnable then) {
        if (next.equals(before)) {
            then.run();
        } else {
            arrange(next, before);
            ledger.put(List.of(next), () -> {
                durable(next);
                then.run();
            });
        }
    }

    // ---- judging --------------------------------------------------------------------------------------------------

    boolean mine(HeldMessage m) {
        return m.ballot().owner().node().equals(self());
    }

    /** Whether this node owns it for certain, as far as it knows itself. */
    boolean owns(HeldMessage m) {
        return mine(m) && !m.claiming() && (standing.current(m.since()) || m.alone(self()));
    }

    /**
     * The same as others say who owns it. Whoever learns so that it is this node asks all of them first: one becomes owner
     * by the word of the owner before, and by nobody else's.
     */
    HeldMessage owned(HeldMessage m, HeldMessage theirs) {
        Ballot ballot = theirs.ballot();
        return m.under(ballot, theirs.claiming() || ballot.owner().node().equals(self()));
    }

    /** Other members that answer, those first that are not about to stop. */
    Stream<String> reachable() {
        return members.otherMail().stream()
                .filter(n -> standing.reachable(n) && !standing.out(n))
                .sorted(Comparator.comparing(standing::parts));
    }

    Stream<Keeper> live(HeldMessage m) {
        return m.keepers().stream().filter(k -> !k.node().equals(self()) && !standing.gone(k.node(), k.incarnation()));
    }

    long count(HeldMessage m) {
        return 1 + live(m).filter(Keeper::wanted).count();
    }

    /** Whether all who may ever deliver the message have this node's last word of it on their disks. */
    boolean confirmed(HeldMessage m) {
        Dealing t = task(m.id());
        return t.durable == m.version()
                && live(m).allMatch(k -> Objects.equals(t.acked.get(k.node()), m.version()) && k.wanted());
    }

    /**
     * Whether they have this version or a later one. What was added to it since is about other recipients, and need not be
     * waited for.
     */
    boolean confirmed(HeldMessage m, long version) {
        Dealing t = task(m.id());
        long least = Math.max(version, t.arranged);
        return t.durable >= version
                && live(m).allMatch(k -> t.acked.getOrDefault(k.node(), -1L) >= least && k.wanted());
    }

    /** Whether all who may ever deliver it have this version, whether they are to keep it or not. */
    boolean told(HeldMessage m) {
        return isCommon(m) || known(m, m.version());
    }

    /** The same of those that are to have no copy of it any more, too: what has ended is told to them. */
    private boolean known(HeldMessage m, long version) {
        Dealing t = task(m.id());
        long least = Math.max(version, t.arranged);
        return t.durable >= version && live(m).allMatch(k -> t.acked.getOrDefault(k.node(), -1L) >= least);
    }

    /**
     * Whether this node alone knows of an outcome and of the notices that it causes. Until they are elsewhere, or go
     * together, nobody is told of the outcome: it would outlive this disk, and the notices would not.
     */
    boolean unsaid(HeldMessage m) {
        return mine(m)
                && !m.companions().isEmpty()
                && !(owns(m) && confirmed(m))
                && !m.companions().stream()
                        .allMatch(c -> ledger.find(c)
                                .map(n ->
                                        n.ended() || (mine(n) ? confirmed(n) && owns(n) : standing.current(n.since())))
                                .orElse(true));
    }

    /**
     * Whether this came in by a change of another message that is not confirmed under this node's ballot: another node may
     * change that one in its own way, and tell its sender of that.
     */
    boolean early(MessageId id) {
        return parent(id)
                .filter(m -> !(owns(m) && known(m, parentVersion(id, m))))
                .isPresent();
    }

    /** The same when this node does not own the other message, so that it must be found out first who does. */
    boolean suspended(MessageId id) {
        return parent(id).filter(m -> !owns(m)).isPresent();
    }

    /** The message by whose change this came in, while that is not known to be elsewhere. */
    private Optional<HeldMessage> parent(MessageId id) {
        MessageId parent = task(id).parent;
        return parent == null
                ? Optional.empty()
                : ledger.find(parent).filter(m -> mine(m) && m.companions().contains(id));
    }

    private long parentVersion(MessageId id, HeldMessage parent) {
        long version = task(id).parentVersion;
        return version == 0 ? parent.version() : version;
    }

    /**
     * A message that another node took, and its notices: they end, unless that node knows of the outcome, which it can only
     * have from somebody who has them.
     */
    List<HeldMessage> yielded(HeldMessage m, HeldMessage theirs) {
        List<HeldMessage> all = new ArrayList<>(List.of(m.yieldedTo(theirs)));
        for (MessageId c : m.companions()) {
            if (m.agrees(theirs)) {
                task(c).parent = null;
                stir(c);
            } else {
                ledger.find(c)
                        .filter(n -> mine(n) && !n.ended())
                        .ifPresent(n -> all.add(n.advanced(p -> next(n, p, State.DELETED), clocks.wall())));
            }
        }
        return all;
    }

    static boolean ready(Progress p) {
        return p.state() == State.QUEUED || p.state() == State.DEFERRED;
    }

    static boolean news(HeldMessage learned, HeldMessage before) {
        return !learned.recipients().equals(before.recipients())
                || !learned.doubted().equals(before.doubted());
    }

    /** Notices are wherever the message is by now, so the next version does without them. */
    HeldMessage relieved(HeldMessage m) {
        return m.companions().isEmpty() || !confirmed(m) ? m : m.with(List.of());
    }

    static List<Keeper> replacing(List<Keeper> keepers, Keeper by) {
        List<Keeper> next = new ArrayList<>(
                keepers.stream().filter(k -> !k.node().equals(by.node())).toList());
        next.add(by);
        return next;
    }

    // ---- changing -------------------------------------------------------------------------------------------------

    static Progress next(HeldMessage m, Progress p, State state) {
        return new Progress(
                p.recipient(),
                state,
                Math.max(p.epoch(), m.ballot().epoch()),
                p.sequence() + 1,
                p.attempts() + (state == State.IN_TRANSIT ? 1 : 0),
                p.due(),
                p.reply(),
                p.host(),
                p.changed());
    }

    /** What the owner learns from others. A recipient that is on its way, and not from here, may have arrived. */
    HeldMessage adopting(HeldMessage m, HeldMessage theirs) {
        HeldMessage learned = m.learning(theirs);
        List<Progress> settled = new ArrayList<>(learned.recipients());
        Set<Integer> doubts = new TreeSet<>();
        for (int i = 0; i < settled.size(); i++) {
            Progress p = settled.get(i);
            if (p.state() == State.IN_TRANSIT && m.recipients().get(i).state() != State.IN_TRANSIT) {
                journal.doubted(m.id(), p.recipient());
                doubts.add(p.recipient());
                settled.set(i, next(m, p, rules.doubted()));
            }
        }
        return learned.recorded(settled).doubting(doubts);
    }

    /**
     * The same with doubts about whoever was on his way, unless he is on his way from here.
     *
     * @param all whether all that have not ended are in doubt
     */
    HeldMessage doubting(HeldMessage m, boolean all) {
        Set<Integer> flying = task(m.id()).flying().keySet();
        Set<Integer> doubts = new TreeSet<>();
        for (Progress p : m.recipients()) {
            if (lost(p, flying) || all && !p.state().ended()) {
                doubts.add(p.recipient());
                journal.doubted(m.id(), p.recipient());
            }
        }
        return m.doubting(doubts).advanced(p -> lost(p, flying) ? next(m, p, rules.doubted()) : p, m.stamped());
    }

    /** Whether a recipient is on its way, and nobody here carries it. */
    boolean astray(HeldMessage m) {
        Set<Integer> flying = task(m.id()).flying().keySet();
        return m.recipients().stream().anyMatch(p -> lost(p, flying));
    }

    private static boolean lost(Progress p, Set<Integer> flying) {
        return p.state() == State.IN_TRANSIT && !flying.contains(p.recipient());
    }
}
