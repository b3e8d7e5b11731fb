// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How this node stands with the others: its life, its lease, its vote, and which lives of others are over. Knows
 * nothing of mail. One thread at a time.
 */
public final class Standing {
    /** A tick that comes so late tells that this node was stopped; then it listens before it judges others. */
    private static final long STOPPED = 2_500;

    private final Membership members;
    private final Rules rules;
    private final Clocks clocks;
    private final Ledger ledger;
    private final Peers peers;
    private final Lease lease;
    private final Map<String, Register> registers = new TreeMap<>();
    private final Map<String, Long> heard = new HashMap<>();
    private final Map<String, Long> answered = new HashMap<>();
    private final Map<String, Long> met = new HashMap<>();
    private final Map<String, Long> empty = new HashMap<>();
    private final Map<String, Long> fenced = new TreeMap<>();
    private final Map<String, Long> numbers = new HashMap<>();
    private final Map<String, Long> proposed = new HashMap<>();
    private final Map<String, Answer.Registers> greeted = new HashMap<>();
    private final Map<String, Long> solid = new HashMap<>();
    private final Map<String, Absence> absent = new HashMap<>();
    private final Set<String> parting = new HashSet<>();
    private final Runnable newLife;
    private long life;
    private long emptySince;
    private boolean ready;
    private boolean living;
    private boolean leaving;
    private final long began;
    private final boolean fresh;
    private long listeningSince;
    private long ticked;
    private long renewing;
    private long ownFloor = -1;
    private long leasedSince = -1;
    private Term term = Term.NONE;

    Standing(Membership members, Rules rules, Clocks clocks, Ledger ledger, Peers peers, Runnable newLife) {
        this.members = members;
        this.rules = rules;
        this.clocks = clocks;
        this.ledger = ledger;
        this.peers = peers;
        this.newLife = newLife;
        this.lease = new Lease(clocks, rules.lease());
        this.listeningSince = clocks.monotonic();
        this.began = listeningSince;
        this.ticked = listeningSince;
        this.renewing = listeningSince - rules.renewEvery();
        ledger.registers().forEach(r -> registers.put(r.node(), r));
        solid(registers.values());
        this.emptySince = ledger.emptySince();
        this.ready = registers.containsKey(members.self());
        this.fresh = !ready;
        if (ready) {
            live();
        }
    }

    private Register register(String node) {
        return registers.getOrDefault(node, Register.none(node));
    }

    /** Begins a life with a number that no life before had, once it is on disk. */
    private void live() {
        Register mine = register(members.self());
        long next = Math.max(Math.max(mine.seen(), life) + 1, mine.floor());
        living = false;
        lease.lost();
        ownFloor = -1;
        leasedSince = -1;
        term = Term.NONE;
        absent.clear();
        life = next;
        registers.put(members.self(), mine.join(new Register(members.self(), next, 0)));
        ledger.put(List.copyOf(registers.values()), emptySince, () -> {
            living = life == next || living;
            newLife.run();
        });
    }

    /** This life of this node. */
    public Incarnation self() {
        return new Incarnation(members.self(), life);
    }

    /** Whether this node has a life, that is, it may speak. */
    public boolean living() {
        return living;
    }

    long emptySince() {
        return emptySince;
    }

    /** What this node may do for others, as of now. */
    public Rights rights() {
        boolean needless = members.majority() == members.size();
        // Without fences nobody stands in, and only what was lent in an earlier life must have ended.
        long settled = needless ? began + rules.silence() / 2 : leasedSince + rules.silence();
        return new Rights(
                living ? life : 0,
                fresh && emptySince == 1,
                term,
                needless || leasedSince >= 0 ? settled : Long.MAX_VALUE,
                absent,
                needless);
    }

    /** Whether the lease holds now. */
    public boolean leased() {
        return living && lease.holds();
    }

    /** Whether a majority has told, in this life, which of its lives were fenced. */
    public boolean knowsItself() {
        return living && ownFloor >= 0;
    }

    /** Whether a record that this node confirmed in that life is up to date: that life was never fenced. */
    public boolean current(long since) {
        return knowsItself() && since >= ownFloor;
    }

    /**
     * Whether that life of a member is over for certain: it is fenced, or its disk was lost. Who is no member any more can
     * not be asked, and gets no lease.
     */
    boolean gone(String node, long incarnation) {
        return !members.has(node) || fenced.getOrDefault(node, 0L) > incarnation || lost(node, incarnation);
    }

    /** Whether what that life of a member had on its disk is lost. */
    boolean lost(String node, long incarnation) {
        return empty.getOrDefault(node, 0L) > incarnation;
    }

    /** Whether a member is fenced in the last life that is known of it. */
    public boolean out(String node) {
        return fenced.getOrDefault(node, 0L) > known(node);
    }

    /** The latest life of a member that is known; 0 when none is. */
    public long known(String node) {
        return Math.max(met.getOrDefault(node, 0L), register(node).seen());
    }

    /** Whether the life in which a member may be spoken to is known, and it answered just now. */
    public boolean reachable(String node) {
        Long last = answered.get(node);
        return met.containsKey(node) && last != null && clocks.monotonic() - last < rules.renewEvery() * 2;
    }

    /** From now on this node is about to stop, or is so no more; the others hear of it with the next renewal. */
    void leave(boolean now) {
        leaving = now;
    }

    /** Whether this node is about to stop. */
    public boolean leaving() {
        return leaving;
    }

    /** Whether a member said with its last renewal that it is about to stop. */
    boolean parts(String node) {
        return parting.contains(node);
    }

    /** What is known of the others now. */
    public List<Sighting> sightings() {
        long now = clocks.monotonic();
        return members.others().stream()
                .map(m -> new Sighting(m, known(m), out(m), ago(heard.get(m), now), ago(answered.get(m), now)))
                .toList();
    }

    private static long ago(@Nullable Long time, long now) {
        return time == null ? -1 : now - time;
    }

    /** Fences that are complete. */
    public List<Register> fences() {
        return fenced.entrySet().stream()
                .map(e -> new Register(e.getKey(), 0, e.getValue()))
                .toList();
    }

    /** Obeys fences that others found complete; calls back when they are on disk. */
    void obey(List<Register> complete, Runnable synced) {
        complete.forEach(this::over);
        List<Register> now = List.copyOf(registers.values());
        ledger.put(now, emptySince, () -> {
            solid(now);
            synced.run();
        });
    }

    /** These are on disk: of a vote that a crash may take back nobody is told. */
    private void solid(Collection<Register> written) {
        written.forEach(r -> solid.merge(r.node(), r.floor(), Math::max));
    }

    /** The members that are fenced on this disk, and of which no later life was seen. */
    private List<String> out() {
        return members.others().stream().filter(this::outHere).toList();
    }

    private boolean outHere(String member) {
        return solid.getOrDefault(member, 0L) > register(member).seen();
    }

    private void over(Register complete) {
        fenced.merge(complete.node(), complete.floor(), Math::max);
        registers.put(complete.node(), register(complete.node()).join(complete));
        if (complete.node().equals(members.self())) {
            refused(complete);
        }
    }

    /** Somebody said that this life is fenced: the next one begins, and what the node has is out of date. */
    void refused(Register mine) {
        if (mine.node().equals(members.self()) && mine.refuses(life) && living) {
            registers.put(members.self(), register(members.self()).join(mine));
            live();
        }
    }

    /** Asks a member; whatever was asked in a life before is answered with unknown. */
    void ask(String node, Message message, Consumer<Answer> then) {
        long asking = life;
        long number = numbers.merge(node, 1L, Long::sum);
        Incarnation to = new Incarnation(node, known(node));
        peers.send(new Frame(self(), emptySince, to, number, message), response -> {
            if (response.from().number() > 0) {
                meet(response.from(), response.emptySince());
            }
            // Who is not ready can keep nothing.
            if (response.from().number() > 0
                    && !(response.answer() instanceof Answer.Unknown)
                    && !(response.answer() instanceof Answer.NotReady)) {
                answered.put(node, clocks.monotonic());
            }
            then.accept(asking == life ? response.answer() : new Answer.Unknown());
        });
    }

    void meet(Incarnation other, long since) {
        met.merge(other.node(), other.number(), Math::max);
        empty.merge(other.node(), since, Math::max);
    }

    /** Something this node should do by the clock; called about once a second. */
    void tick() {
        long now = clocks.monotonic();
        if (now - ticked > STOPPED || !ledger.writes()) {
            // Who did not run, or can not write, judges nobody, and listens first when he can again.
            listeningSince = now;
        }
        ticked = now;
        if (!ready) {
            greet(now);
        } else if (living) {
            // Who can not write holds up all whose copies it is to confirm: others fence it, and it is back when it
            // can.
            if (now - renewing >= rules.renewEvery() && ledger.writes()) {
                renew(now);
            }
            members.others().forEach(m -> suspect(m, now));
        }
    }

    /**
     * An empty disk has forgotten its votes. Proposals that counted one of them are over by the time it asks; then it
     * asks so many that every majority with a vote of its own has another member among them.
     */
    private void greet(long now) {
        if (now - listeningSince < rules.silence()) {
            return;
        }
        for (String member : members.others()) {
            ask(member, new Message.Hello(), answer -> {
                if (!ready && answer instanceof Answer.Registers registers) {
                    greeted.put(member, registers);
                    if (knowsEnough()) {
                        settleIn();
                    }
                }
            });
        }
    }

    private boolean knowsEnough() {
        long full = greeted.values().stream().filter(a -> !a.empty()).count();
        return full > members.size() - members.majority()
                || greeted.size() == members.others().size();
    }

    private void settleIn() {
        Collection<Answer.Registers> answers = greeted.values();
        answers.forEach(a -> a.all().forEach(r -> registers.merge(r.node(), r, Register::join)));
        ready = true;
        listeningSince = clocks.monotonic();
        Register mine = register(members.self());
        emptySince = Math.max(mine.seen() + 1, mine.floor());
        live();
    }

    /** A renewal, and who has acknowledged it. */
    private static final class Round {
        private final long sent;
        private final long wall;
        private final Set<String> granted = new HashSet<>();
        private final Map<String, Integer> out = new HashMap<>();
        private long floor;

        Round(long sent, long wall) {
            this.sent = sent;
            this.wall = wall;
        }
    }

    private void renew(long now) {
        renewing = now;
        Round round = new Round(now, clocks.wall());
        renewed(round, members.self(), register(members.self()).floor(), out());
        for (String member : members.others()) {
            ask(member, new Message.Renew(leaving), answer -> {
                if (answer instanceof Answer.Renewed yes) {
                    renewed(round, member, yes.register().floor(), yes.out());
                } else if (answer instanceof Answer.Fenced no) {
                    refused(no.register());
                }
            });
        }
    }

    private void renewed(Round round, String voter, long floor, List<String> out) {
        if (!round.granted.add(voter)) {
            return;
        }
        round.floor = Math.max(round.floor, floor);
        out.forEach(member -> round.out.merge(member, 1, Integer::sum));
        if (round.granted.size() < members.majority()) {
            return;
        }
        lease.renewed(round.sent, round.wall);
        ownFloor = Math.max(ownFloor, round.floor);
        leasedSince = leasedSince < 0 ? clocks.monotonic() : leasedSince;
        term = later(term, round);
        round.out.forEach((member, voters) -> {
            if (voters >= members.majority()) {
                absent.merge(
                        member,
                        new Absence(clocks.monotonic(), later(Term.NONE, round)),
                        (old, now) -> new Absence(
                                old.term().holds(clocks) ? old.since() : now.since(), later(old.term(), round)));
            }
        });
    }

    private Term later(Term old, Round round) {
        return old.length() > 0 && old.monotonic() > round.sent ? old : new Term(round.sent, round.wall, rules.lease());
    }

    private void suspect(String member, long now) {
        if (listening(member, now)
                || out(member)
                || known(member) == 0
                || !mayComplete(member)
                || now - proposed.getOrDefault(member, -rules.callTimeout()) < rules.callTimeout()) {
            return;
        }
        proposed.put(member, now);
        Incarnation target = new Incarnation(member, known(member));
        Set<String> votes = new HashSet<>();
        Consumer<String> count = voter -> {
            votes.add(voter);
            // Votes count for a short time only, since a voter may lose its disk after it voted.
            if (votes.size() >= rules.fenceVotes() && clocks.monotonic() - now <= rules.callTimeout()) {
                over(new Register(member, 0, target.number() + 1));
            }
        };
        if (rules.fenceVotes() == 0) {
            over(new Register(member, 0, target.number() + 1));
            return;
        }
        vote(self(), target, mine -> {
            if (mine instanceof Answer.Voted) {
                count.accept(members.self());
                for (String voter : members.others()) {
                    if (!voter.equals(member)) {
                        ask(voter, new Message.Fence(target), answer -> {
                            if (answer instanceof Answer.Voted) {
                                count.accept(voter);
                            } else if (answer instanceof Answer.Fenced no) {
                                refused(no.register());
                            }
                        });
                    }
                }
            }
        });
    }

    /**
     * Whether enough others answer for a fence of the member. A vote is on disk for good: one that nobody joins would
     * make the member begin a new life as soon as it is heard again, and this node may be the one that is cut off.
     */
    private boolean mayComplete(String member) {
        long voters = members.others().stream()
                .filter(m -> !m.equals(member) && reachable(m))
                .count();
        return voters + 1 >= rules.fenceVotes();
    }

    /** Whether a renewal of the member was acknowledged here so lately that it may still have its lease. */
    private boolean listening(String member, long now) {
        long last = Math.max(heard.getOrDefault(member, listeningSince), listeningSince);
        return now - last < rules.silence();
    }

    /** The answer to what concerns no mail; its first part is on disk when it is given. */
    void handle(Frame frame, Consumer<Answer> reply) {
        switch (frame.message()) {
            case Message.Hello hello -> reply.accept(new Answer.Registers(List.copyOf(registers.values()), !ready));
            case Message.Renew renew -> acknowledge(frame.from(), renew.leaving(), reply);
            case Message.Fence fence -> vote(frame.from(), fence.target(), reply);
            default -> throw new IllegalArgumentException("not about standing: " + frame.message());
        }
    }

    private void acknowledge(Incarnation from, boolean parts, Consumer<Answer> reply) {
        Register known = register(from.node());
        if (!living) {
            reply.accept(new Answer.NotReady());
        } else if (known.refuses(from.number())) {
            reply.accept(new Answer.Fenced(known));
        } else {
            heard.put(from.node(), clocks.monotonic());
            if (parts) {
                parting.add(from.node());
            } else {
                parting.remove(from.node());
            }
            Register now = known.join(new Register(from.node(), from.number(), 0));
            Runnable yes = () -> {
                heard.put(from.node(), clocks.monotonic());
                reply.accept(new Answer.Renewed(register(from.node()), out()));
            };
            if (now.equals(known)) {
                yes.run();
            } else {
                registers.put(from.node(), now);
                ledger.put(List.copyOf(registers.values()), emptySince, yes);
            }
        }
    }

    private void vote(Incarnation proposer, Incarnation target, Consumer<Answer> reply) {
        Register known = register(target.node());
        if (!living) {
            reply.accept(new Answer.NotReady());
        } else if (register(proposer.node()).refuses(proposer.number())) {
            reply.accept(new Answer.Fenced(register(proposer.node())));
        } else if (known.floor() <= target.number() && known.seen() > target.number()) {
            reply.accept(new Answer.NoVote("it has begun a new life"));
        } else if (known.floor() <= target.number() && listening(target.node(), clocks.monotonic())) {
            reply.accept(new Answer.NoVote("it was heard of"));
        } else {
            registers.put(target.node(), known.join(new Register(target.node(), 0, target.number() + 1)));
            List<Register> now = List.copyOf(registers.values());
            ledger.put(now, emptySince, () -> {
                solid(now);
                reply.accept(new Answer.Voted());
            });
        }
    }

    /** Whether somebody's life is known here to be over. */
    boolean refuses(Incarnation from) {
        return register(from.node()).refuses(from.number());
    }

    Register of(String node) {
        return register(node);
    }
}
