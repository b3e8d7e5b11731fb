// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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

/**
 * The messages of which this node has a copy: what it does as owner, as keeper, and with copies that are out of date.
 * Everything is written here before it is said to others. One thread at a time.
 */
public final class Custody {
    private static final long ASK_AGAIN = 15_000;

    /** What is going on about one message; nothing of it must survive. */
    private static final class Task {
        final Map<String, Long> acked = new HashMap<>();
        final Set<String> calling = new HashSet<>();
        final Map<String, Answer> heard = new HashMap<>();
        long durable = -1;
        long entitled = -1;
        long askedOwner = -ASK_AGAIN;
        long asked = -1;
        boolean orphan;
        boolean flying;

        @Nullable
        Admission admission;
    }

    /** A client that waits for its 250. */
    private static final class Admission {
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

    private final Membership members;
    private final Rules rules;
    private final Clocks clocks;
    private final Standing standing;
    private final Ledger ledger;
    private final Journal journal;
    private final Map<MessageId, Task> tasks = new HashMap<>();

    Custody(Membership members, Rules rules, Clocks clocks, Standing standing, Ledger ledger, Journal journal) {
        this.members = members;
        this.rules = rules;
        this.clocks = clocks;
        this.standing = standing;
        this.ledger = ledger;
        this.journal = journal;
    }

    private String self() {
        return members.self();
    }

    private Task task(MessageId id) {
        return tasks.computeIfAbsent(id, k -> new Task());
    }

    /** What was asked in the life before is asked anew; clients that wait are left without a reply. */
    void newLife() {
        List<Task> before = List.copyOf(tasks.values());
        tasks.clear();
        before.forEach(t -> {
            if (t.admission != null) {
                t.admission.then.accept(new Receipt(Receipt.Kind.CLOSED, 0));
            }
        });
    }

    // ---- what the server asks for -------------------------------------------------------------------------------

    /** Takes a new message; the client is answered once it is on as many disks as configured, or that has failed. */
    public void admit(MessageId id, List<Progress> recipients, Consumer<Receipt> then) {
        List<Keeper> keepers =
                new ArrayList<>(List.of(new Keeper(self(), standing.self().number(), true)));
        members.otherMail().stream()
                .filter(standing::reachable)
                .limit(rules.copies() - 1L)
                .forEach(n -> keepers.add(new Keeper(n, standing.known(n), true)));
        task(id).admission = new Admission(clocks.monotonic(), then);
        write(List.of(fresh(id, keepers, recipients)));
    }

    /** A record of a new message; a notice is where the message is that it tells of. */
    public HeldMessage fresh(MessageId id, List<Keeper> keepers, List<Progress> recipients) {
        Incarnation me = standing.self();
        return new HeldMessage(
                id, new Ballot(0, me), false, 1, me.number(), keepers, recipients, Set.of(), List.of(), clocks.wall());
    }

    /**
     * Before the final dot: these recipients are about to be handed over. The holders are told; {@link #mayGo} says
     * when they know.
     *
     * @return false when this node may not deliver the message now, or its client still waits for the reply
     */
    public boolean intend(MessageId id, Set<Integer> recipients) {
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null
                || task(id).admission != null
                || !believes(id)
                || !recipients.stream().allMatch(r -> ready(m.recipients().get(r)))) {
            return false;
        }
        task(id).flying = true;
        write(List.of(relieved(m)
                .advanced(p -> recipients.contains(p.recipient()) ? next(m, p, State.IN_TRANSIT) : p, m.stamped())));
        return true;
    }

    private static boolean ready(Progress p) {
        return p.state() == State.QUEUED || p.state() == State.DEFERRED;
    }

    /** Whether this node may deliver this message now, as far as ownership and the lease go. */
    public boolean believes(MessageId id) {
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null || m.claiming() || m.ended() || !mine(m)) {
            return false;
        }
        return standing.living()
                && (m.alone(self()) || standing.current(m.since()) && (standing.leased() || !rules.leaseBeforeDot()));
    }

    /**
     * Right before the final dot: whether all who may ever deliver this message know of the intent, nobody has said
     * meanwhile that one of these recipients has ended, and the message is ours.
     */
    public boolean mayGo(MessageId id, Set<Integer> recipients) {
        return believes(id)
                && ledger.find(id)
                        .filter(m -> recipients.stream()
                                .allMatch(r -> m.recipients().get(r).state() == State.IN_TRANSIT))
                        .filter(this::confirmed)
                        .isPresent();
    }

    /**
     * After the reply: what became of recipients, and the notices that it causes, in one write; then the holders are
     * told. It is written whoever owns the message by now: that somebody has it is true in any case.
     */
    public void settle(MessageId id, Map<Integer, State> outcomes, List<HeldMessage> notices) {
        task(id).flying = false;
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null) {
            return;
        }
        HeldMessage done = relieved(m)
                .advanced(
                        p -> outcomes.containsKey(p.recipient())
                                ? Merge.of(p, next(m, p, outcomes.get(p.recipient())))
                                : p,
                        clocks.wall())
                .with(Stream.concat(
                                relieved(m).companions().stream(),
                                notices.stream().map(HeldMessage::id))
                        .toList());
        if (!mine(m)) {
            task(id).askedOwner = -ASK_AGAIN;
        }
        List<HeldMessage> all = new ArrayList<>(List.of(done));
        all.addAll(notices);
        write(all);
    }

    /** Nothing more is to happen to recipients that are not on their way; false when this node may not say so. */
    public boolean delete(MessageId id) {
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null || !believes(id)) {
            return false;
        }
        write(List.of(relieved(m).advanced(p -> ready(p) ? next(m, p, State.DELETED) : p, clocks.wall())));
        return true;
    }

    /** Whether all who may ever deliver the message have this node's last word of it on their disks. */
    public boolean confirmed(HeldMessage m) {
        Task t = task(m.id());
        return t.durable == m.version()
                && live(m).allMatch(k -> Objects.equals(t.acked.get(k.node()), m.version()) && k.wanted());
    }

    /** After the start of the process: what was on its way then may have arrived. */
    public void resume(MessageId id) {
        ledger.find(id).filter(m -> mine(m) && m.inFlight()).ifPresent(m -> write(List.of(doubting(m, false))));
    }

    private static Progress next(HeldMessage m, Progress p, State state) {
        return new Progress(
                p.recipient(),
                state,
                m.ballot().epoch(),
                p.sequence() + 1,
                p.attempts() + (state == State.IN_TRANSIT ? 1 : 0),
                p.due(),
                p.reply(),
                p.host(),
                p.changed());
    }

    /** What the owner learns from others. A recipient that is on its way, and not from here, may have arrived. */
    private HeldMessage adopting(HeldMessage m, HeldMessage theirs) {
        HeldMessage learned = m.learning(theirs);
        List<Progress> settled = new ArrayList<>(learned.recipients());
        Set<Integer> doubts = new TreeSet<>();
        for (int i = 0; i < settled.size(); i++) {
            Progress p = settled.get(i);
            if (p.state() == State.IN_TRANSIT && m.recipients().get(i).state() != State.IN_TRANSIT) {
                journal.doubted(m.id(), p.recipient());
                doubts.add(p.recipient());
                settled.set(i, next(m, p, State.DEFERRED));
            }
        }
        return learned.recorded(settled).doubting(doubts);
    }

    private HeldMessage doubting(HeldMessage m, boolean all) {
        Set<Integer> doubts = new TreeSet<>();
        for (Progress p : m.recipients()) {
            if (p.state() == State.IN_TRANSIT || all && !p.state().ended()) {
                doubts.add(p.recipient());
                journal.doubted(m.id(), p.recipient());
            }
        }
        return m.doubting(doubts)
                .advanced(p -> p.state() == State.IN_TRANSIT ? next(m, p, State.DEFERRED) : p, m.stamped());
    }

    // ---- what others ask for ------------------------------------------------------------------------------------

    void handle(Incarnation from, Message message, Consumer<Answer> reply) {
        MessageId about = switch (message) {
            case Message.Store store -> store.records().get(0).id();
            case Message.Drop drop -> drop.id();
            case Message.Claim claim -> claim.record().id();
            case Message.Inquire inquire -> inquire.record().id();
            default -> throw new IllegalArgumentException("not about mail: " + message);
        };
        if (ledger.find(about).filter(this::unsaid).isPresent()) {
            reply.accept(new Answer.Late());
            return;
        }
        switch (message) {
            case Message.Store store -> store(store.records(), reply);
            case Message.Drop drop -> drop(drop, reply);
            case Message.Claim claim -> standing.obey(claim.fences(), () -> claimed(from, claim.record(), reply));
            case Message.Inquire inquire -> inquired(from, inquire.record(), reply);
            default -> throw new IllegalArgumentException("not about mail: " + message);
        }
    }

    private void store(List<HeldMessage> records, Consumer<Answer> reply) {
        HeldMessage first = ledger.find(records.get(0).id()).orElse(null);
        if (first != null && first.ballot().compareTo(records.get(0).ballot()) > 0) {
            HeldMessage learned = first.learning(records.get(0));
            keep(learned, first, () -> reply.accept(new Answer.Outbid(learned)));
            return;
        }
        List<HeldMessage> kept = new ArrayList<>();
        for (HeldMessage r : records) {
            HeldMessage before = ledger.find(r.id()).orElse(null);
            if (before == null) {
                kept.add(r.since(standing.self().number()));
            } else if (before.ballot().compareTo(r.ballot()) <= 0) {
                kept.add(r.learning(before).since(standing.self().number()));
            }
            task(r.id()).orphan = false;
            task(r.id()).heard.clear();
        }
        ledger.put(kept, () -> reply.accept(new Answer.Kept(kept.get(0), true)));
    }

    private void drop(Message.Drop drop, Consumer<Answer> reply) {
        HeldMessage m = ledger.find(drop.id()).orElse(null);
        if (m != null && m.ballot().compareTo(drop.ballot()) > 0) {
            reply.accept(new Answer.Outbid(m));
        } else if (m != null && m.ended()) {
            reply.accept(new Answer.Kept(m, false));
        } else {
            tasks.remove(drop.id());
            ledger.remove(drop.id(), () -> reply.accept(new Answer.Absent()));
        }
    }

    private void claimed(Incarnation from, HeldMessage claim, Consumer<Answer> reply) {
        HeldMessage m = ledger.find(claim.id()).orElse(null);
        if (!standing.living() || standing.refuses(from)) {
            reply.accept(new Answer.NotReady());
        } else if (m == null) {
            reply.accept(new Answer.Absent());
        } else if (m.ended()) {
            HeldMessage learned = m.learning(claim);
            keep(learned, m, () -> reply.accept(new Answer.Kept(learned, false)));
        } else if (owns(m)) {
            told(from, m, claim, reply);
        } else if (m.ballot().compareTo(claim.ballot()) > 0) {
            HeldMessage learned = m.learning(claim);
            keep(learned, m, () -> reply.accept(new Answer.Outbid(learned)));
        } else {
            HeldMessage yielded = m.learning(claim).under(claim.ballot(), true);
            task(m.id()).entitled = -1;
            keep(yielded, m, () -> reply.accept(new Answer.Kept(yielded, standing.current(yielded.since()))));
        }
    }

    private void inquired(Incarnation from, HeldMessage theirs, Consumer<Answer> reply) {
        HeldMessage m = ledger.find(theirs.id()).orElse(null);
        if (m == null) {
            reply.accept(new Answer.Absent());
        } else if (!m.ended() && owns(m)) {
            told(from, m, theirs, reply);
        } else {
            HeldMessage learned = m.learning(theirs);
            keep(
                    learned,
                    m,
                    () -> reply.accept(
                            new Answer.Kept(learned, standing.current(learned.since()) && !learned.claiming())));
        }
    }

    /** The owner learns that somebody has a copy: it joins the keepers, is told all or told to drop it. */
    private void told(Incarnation from, HeldMessage m, HeldMessage theirs, Consumer<Answer> reply) {
        HeldMessage learned = adopting(m, theirs);
        Keeper known = m.keeper(from.node()).orElse(null);
        if (known == null || known.incarnation() < from.number()) {
            learned = learned.kept(
                    replacing(m.keepers(), new Keeper(from.node(), from.number(), count(m) < rules.copies())));
        } else if (news(learned, m)) {
            learned = learned.kept(m.keepers());
        }
        HeldMessage answer = learned;
        keep(learned, m, () -> reply.accept(new Answer.Mine(answer)));
    }

    private void keep(HeldMessage next, HeldMessage before, Runnable then) {
        if (next.equals(before)) {
            then.run();
        } else {
            ledger.put(List.of(next), () -> {
                durable(next);
                then.run();
            });
        }
    }

    // ---- what is to be done ---------------------------------------------------------------------------------------

    /** Does what is to be done about a message now; does nothing when all is well. */
    public void work(MessageId id) {
        Task t = task(id);
        if (t.admission != null && standing.knowsItself()) {
            ledger.find(id).ifPresent(m -> answer(m, t));
        }
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null || !standing.knowsItself()) {
            return;
        }
        if (unsaid(m) && !(mine(m) && !m.claiming() && (standing.current(m.since()) || m.alone(self())))) {
            return;
        }
        if (m.ended()) {
            remember(m, t);
        } else if (mine(m) && m.claiming()) {
            ask(m, t);
        } else if (mine(m) && (standing.current(m.since()) || m.alone(self()))) {
            tend(m, t);
        } else if (!mine(m) && standing.current(m.since())) {
            guard(m, t);
        } else {
            recover(m, t);
        }
    }

    /**
     * Whether this node alone knows of an outcome and of the notices that it causes. Until they are elsewhere, or go
     * together, nobody is told of the outcome: it would outlive this disk, and the notices would not.
     */
    private boolean unsaid(HeldMessage m) {
        return mine(m)
                && !m.companions().isEmpty()
                && !confirmed(m)
                && !m.companions().stream()
                        .allMatch(c -> ledger.find(c)
                                .map(n ->
                                        n.ended() || (mine(n) ? confirmed(n) && owns(n) : standing.current(n.since())))
                                .orElse(true));
    }

    private boolean mine(HeldMessage m) {
        return m.ballot().owner().node().equals(self());
    }

    /** Whether this node owns it for certain, as far as it knows itself. */
    private boolean owns(HeldMessage m) {
        return mine(m) && !m.claiming() && (standing.current(m.since()) || m.alone(self()));
    }

    private Stream<Keeper> live(HeldMessage m) {
        return m.keepers().stream().filter(k -> !k.node().equals(self()) && !standing.gone(k.node(), k.incarnation()));
    }

    private long count(HeldMessage m) {
        return 1 + live(m).filter(Keeper::wanted).count();
    }

    private static List<Keeper> replacing(List<Keeper> keepers, Keeper by) {
        List<Keeper> next = new ArrayList<>(
                keepers.stream().filter(k -> !k.node().equals(by.node())).toList());
        next.add(by);
        return next;
    }

    private static boolean news(HeldMessage learned, HeldMessage before) {
        return !learned.recipients().equals(before.recipients())
                || !learned.doubted().equals(before.doubted());
    }

    /** Notices are wherever the message is by now, so the next version does without them. */
    private HeldMessage relieved(HeldMessage m) {
        return m.companions().isEmpty() || !confirmed(m) ? m : m.with(List.of());
    }

    private void write(List<HeldMessage> records) {
        ledger.put(
                records,
                () -> records.forEach(r -> {
                    durable(r);
                    work(r.id());
                }));
    }

    private void durable(HeldMessage r) {
        Task t = task(r.id());
        t.durable = Math.max(t.durable, r.version());
    }

    // ---- the owner ------------------------------------------------------------------------------------------------

    private void tend(HeldMessage m, Task t) {
        if (m.inFlight() && !t.flying) {
            // On its way in an earlier life of this node.
            write(List.of(doubting(m, false)));
            return;
        }
        Optional<List<Keeper>> better = arranged(m, t);
        if (better.isPresent()) {
            // What nobody else has is up to date in any life.
            HeldMessage next = relieved(m).kept(better.get());
            write(List.of(m.alone(self()) ? next.since(standing.self().number()) : next));
            return;
        }
        if (t.durable != m.version()) {
            if (t.durable < 0) {
                // Read from disk after a start.
                write(List.of(m));
            }
            return;
        }
        boolean enough = count(m) >= rules.copies()
                && live(m).filter(Keeper::wanted).allMatch(k -> Objects.equals(t.acked.get(k.node()), m.version()));
        for (Keeper k : live(m).toList()) {
            if (k.wanted() && !Objects.equals(t.acked.get(k.node()), m.version())) {
                tell(m, t, k);
            } else if (!k.wanted() && enough && t.calling.add(k.node())) {
                standing.ask(k.node(), new Message.Drop(m.id(), m.ballot()), a -> dropped(m, t, k, a));
            }
        }
    }

    private void tell(HeldMessage m, Task t, Keeper k) {
        if (k.incarnation() == standing.known(k.node()) && t.calling.add(k.node())) {
            List<HeldMessage> records = new ArrayList<>(List.of(m));
            m.companions().forEach(c -> ledger.find(c).ifPresent(records::add));
            standing.ask(k.node(), new Message.Store(records), a -> told(m, t, k, a));
        }
    }

    /** Who should keep it, when that differs from who does. */
    private Optional<List<Keeper>> arranged(HeldMessage m, Task t) {
        List<Keeper> next = m.keepers();
        for (Keeper k : live(m).toList()) {
            if (standing.known(k.node()) > k.incarnation()) {
                // A copy is asked of one life of a node, and that is on disk here before.
                next = replacing(next, new Keeper(k.node(), standing.known(k.node()), k.wanted()));
            }
        }
        Optional<Keeper> slow = t.admission != null && clocks.monotonic() - t.admission.asked >= rules.replaceAfter()
                ? live(m).filter(k -> k.wanted() && !t.acked.containsKey(k.node()))
                        .findFirst()
                : Optional.empty();
        if (count(m) < rules.copies() || slow.isPresent()) {
            Optional<String> spare = members.otherMail().stream()
                    .filter(standing::reachable)
                    .filter(n -> live(m).noneMatch(k -> k.node().equals(n) && k.wanted()))
                    .findFirst();
            if (spare.isPresent()) {
                next = replacing(next, new Keeper(spare.get(), standing.known(spare.get()), true));
                if (slow.isPresent() && t.admission != null) {
                    t.admission.asked = clocks.monotonic();
                    Keeper s = slow.get();
                    next = replacing(next, new Keeper(s.node(), s.incarnation(), false));
                }
            }
        }
        return next.equals(m.keepers()) ? Optional.empty() : Optional.of(next);
    }

    private void told(HeldMessage said, Task t, Keeper k, Answer answer) {
        t.calling.remove(k.node());
        HeldMessage m = ledger.find(said.id()).orElse(null);
        if (m == null || tasks.get(said.id()) != t) {
            return;
        }
        switch (answer) {
            case Answer.Kept kept -> {
                if (m.ballot().equals(said.ballot())) {
                    t.acked.put(k.node(), said.version());
                    HeldMessage learned = adopting(m, kept.record());
                    if (news(learned, m)) {
                        write(List.of(learned.kept(m.keepers())));
                    } else {
                        work(m.id());
                    }
                }
            }
            case Answer.Outbid over -> {
                if (m.ballot().equals(said.ballot())) {
                    outbid(m, over.record());
                }
            }
            case Answer.Fenced fenced -> standing.refused(fenced.register());
            default -> {}
        }
    }

    private void dropped(HeldMessage said, Task t, Keeper k, Answer answer) {
        t.calling.remove(k.node());
        HeldMessage m = ledger.find(said.id()).orElse(null);
        if (m == null || tasks.get(said.id()) != t || !m.ballot().equals(said.ballot())) {
            return;
        }
        switch (answer) {
            case Answer.Absent absent -> {
                t.acked.remove(k.node());
                if (m.keeper(k.node()).filter(k::equals).isPresent()) {
                    write(List.of(relieved(m)
                            .kept(m.keepers().stream().filter(x -> !x.equals(k)).toList())));
                }
            }
            case Answer.Kept kept -> {
                HeldMessage learned = adopting(m, kept.record());
                if (news(learned, m)) {
                    write(List.of(learned.kept(m.keepers())));
                }
            }
            case Answer.Outbid over -> outbid(m, over.record());
            case Answer.Fenced fenced -> standing.refused(fenced.register());
            default -> {}
        }
    }

    /**
     * Somebody took a higher ballot that this owner never agreed to. While this node is current that claim can not have
     * come to its end, for it needs this node's word or its fence; so the owner goes above it.
     */
    private void outbid(HeldMessage m, HeldMessage theirs) {
        HeldMessage learned = owns(m) ? adopting(m, theirs) : m.learning(theirs);
        if (owns(m) && !m.ended()) {
            write(List.of(learned.under(theirs.ballot().next(standing.self()), false)
                    .kept(m.keepers())
                    .since(m.since())));
        } else if (theirs.ballot().compareTo(m.ballot()) > 0) {
            write(List.of(learned.under(theirs.ballot(), theirs.claiming())));
        } else if (news(learned, m)) {
            write(List.of(learned));
        }
    }

    private void answer(HeldMessage m, Task t) {
        Admission a = Objects.requireNonNull(t.admission);
        int copies = 1
                + (int) live(m).filter(k -> k.wanted() && t.acked.containsKey(k.node()))
                        .count();
        long waited = clocks.monotonic() - a.began;
        if (a.aborted) {
            // Also of one that is fenced by now: it still has its copy, and 451 says that nobody delivers it.
            boolean all = t.durable == m.version()
                    && m.keepers().stream()
                            .filter(k -> !k.node().equals(self()))
                            .allMatch(k -> Objects.equals(t.acked.get(k.node()), m.version()));
            if (all || waited >= rules.shortAfter() + rules.callTimeout()) {
                t.admission = null;
                a.then.accept(new Receipt(all ? Receipt.Kind.DEFERRED : Receipt.Kind.CLOSED, copies));
            }
        } else if (t.durable >= 1 && (copies >= rules.copies() || rules.accept() && waited >= rules.shortAfter())) {
            t.admission = null;
            a.then.accept(new Receipt(Receipt.Kind.ACCEPTED, copies));
        } else if (waited >= rules.shortAfter() && !rules.accept() && t.durable == m.version() && owns(m)) {
            a.aborted = true;
            write(List.of(m.advanced(p -> ready(p) ? next(m, p, State.DELETED) : p, clocks.wall())));
        }
    }

    /** All have ended: the record is the memory of that, until everybody who had a copy knows. */
    private void remember(HeldMessage m, Task t) {
        long age = clocks.wall() - m.stamped();
        if (mine(m) && !m.claiming() && standing.current(m.since()) || mine(m) && m.alone(self())) {
            List<Keeper> next = m.keepers();
            for (Keeper k : m.keepers()) {
                if (!k.node().equals(self()) && standing.known(k.node()) > k.incarnation()) {
                    next = replacing(next, new Keeper(k.node(), standing.known(k.node()), false));
                }
            }
            if (!next.equals(m.keepers())) {
                write(List.of(m.kept(next)));
                return;
            }
            if (t.durable != m.version()) {
                if (t.durable < 0) {
                    write(List.of(m));
                }
                return;
            }
            boolean known = true;
            for (Keeper k : m.keepers()) {
                boolean must = rules.awaitAbsent() || !standing.gone(k.node(), k.incarnation());
                if (!k.node().equals(self()) && !Objects.equals(t.acked.get(k.node()), m.version())) {
                    known &= !must;
                    if (!standing.out(k.node())) {
                        tell(m, t, k);
                    }
                }
            }
            if (known && age >= rules.tombstones()) {
                tasks.remove(m.id());
                ledger.remove(m.id(), () -> {});
            }
        } else if (mine(m) || !standing.current(m.since())) {
            spread(m, t);
        } else if (age >= rules.tombstones()) {
            tasks.remove(m.id());
            ledger.remove(m.id(), () -> {});
        }
    }

    /** An end that others may not know of is told to all; then it is remembered like any other. */
    private void spread(HeldMessage m, Task t) {
        if (inquireAll(m, t)) {
            t.heard.clear();
            write(List.of(m.under(m.ballot(), false).since(standing.self().number())));
        }
    }

    // ---- the keeper -----------------------------------------------------------------------------------------------

    private void guard(HeldMessage m, Task t) {
        Incarnation owner = m.ballot().owner();
        long now = clocks.monotonic();
        if (standing.gone(owner.node(), owner.number()) || t.orphan) {
            if (t.entitled < 0) {
                t.entitled = now;
            }
            if (now - t.entitled >= turn(m) * rules.patience()) {
                claim(m, t);
            }
        } else if (now - t.askedOwner >= ASK_AGAIN && t.calling.add(owner.node())) {
            t.askedOwner = now;
            standing.ask(owner.node(), new Message.Inquire(m), a -> {
                t.calling.remove(owner.node());
                ledger.find(m.id())
                        .filter(x -> tasks.get(m.id()) == t && x.ballot().equals(m.ballot()))
                        .ifPresent(x -> owned(x, t, a));
            });
        }
    }

    /** What the owner says of a message that this node keeps for it. */
    private void owned(HeldMessage m, Task t, Answer answer) {
        switch (answer) {
            case Answer.Absent absent -> t.orphan = true;
            case Answer.Kept kept -> {
                HeldMessage learned = m.learning(kept.record());
                if (kept.record().ballot().compareTo(m.ballot()) > 0) {
                    learned =
                            learned.under(kept.record().ballot(), kept.record().claiming());
                } else if (!kept.record().claiming()) {
                    t.orphan = true;
                }
                keep(learned, m, () -> {});
            }
            case Answer.Mine owner -> keep(m.learning(owner.record()), m, () -> {});
            case Answer.Fenced fenced -> standing.refused(fenced.register());
            default -> {}
        }
    }

    /** How many keepers come before this node. */
    private long turn(HeldMessage m) {
        return m.keepers().stream()
                .takeWhile(k -> !k.node().equals(self()))
                .filter(k -> k.wanted() && !standing.gone(k.node(), k.incarnation()))
                .count();
    }

    private void claim(HeldMessage m, Task t) {
        t.heard.clear();
        t.entitled = -1;
        t.asked = -1;
        write(List.of(m.under(m.ballot().next(standing.self()), true)));
    }

    /** The claimant asks: everybody who is not fenced, and with a copy that is out of date really everybody. */
    private void ask(HeldMessage m, Task t) {
        if (!m.ballot().owner().equals(standing.self())) {
            claim(m, t);
            return;
        }
        boolean stale = !standing.current(m.since());
        boolean all = true;
        for (String node : members.otherMail()) {
            if ((stale || !standing.out(node)) && !t.heard.containsKey(node)) {
                all = false;
                if (t.calling.add(node)) {
                    standing.ask(node, new Message.Claim(m, standing.fences()), a -> {
                        t.calling.remove(node);
                        ledger.find(m.id())
                                .filter(x ->
                                        tasks.get(m.id()) == t && x.ballot().equals(m.ballot()) && x.claiming())
                                .ifPresent(x -> claimAnswered(x, t, node, a));
                    });
                }
            }
        }
        if (all && (standing.leased() || !rules.leaseBeforeDot())) {
            own(m, t, stale);
        }
    }

    private void claimAnswered(HeldMessage m, Task t, String node, Answer answer) {
        switch (answer) {
            case Answer.Absent absent -> t.heard.put(node, answer);
            case Answer.Kept kept -> {
                t.heard.put(node, answer);
                keep(m.learning(kept.record()), m, () -> {});
            }
            case Answer.Mine owner -> stepBack(m, t, owner.record());
            case Answer.Outbid over -> stepBack(m, t, over.record());
            case Answer.Fenced fenced -> standing.refused(fenced.register());
            default -> {
                return;
            }
        }
        work(m.id());
    }

    private void stepBack(HeldMessage m, Task t, HeldMessage to) {
        t.heard.clear();
        t.orphan = false;
        t.askedOwner = clocks.monotonic();
        t.asked = clocks.monotonic();
        keep(m.learning(to).under(to.ballot(), to.claiming()), m, () -> {});
    }

    /** Everybody agreed. */
    private void own(HeldMessage m, Task t, boolean stale) {
        boolean lost = stale && m.keepers().stream().anyMatch(k -> standing.lost(k.node(), k.incarnation()));
        List<Keeper> keepers =
                new ArrayList<>(List.of(new Keeper(self(), standing.self().number(), true)));
        for (String node : members.otherMail()) {
            if (t.heard.get(node) instanceof Answer.Kept) {
                keepers.add(new Keeper(node, standing.known(node), true));
            } else if (!(t.heard.get(node) instanceof Answer.Absent)) {
                m.keeper(node).ifPresent(k -> keepers.add(new Keeper(node, k.incarnation(), false)));
            }
        }
        t.heard.clear();
        t.acked.clear();
        t.orphan = false;
        journal.claimed(m.id(), m.ballot());
        write(List.of(doubting(m, lost)
                .under(m.ballot(), false)
                .kept(keepers)
                .since(standing.self().number())));
    }

    // ---- copies that are out of date ------------------------------------------------------------------------------

    /** This node was fenced since it last heard of the owner: it knows nothing for certain, so it asks everybody. */
    private void recover(HeldMessage m, Task t) {
        long now = clocks.monotonic();
        if (t.asked >= 0 && now - t.asked < ASK_AGAIN) {
            return;
        }
        if (!inquireAll(m, t)) {
            return;
        }
        boolean elsewhere = t.heard.values().stream()
                .anyMatch(a -> a instanceof Answer.Mine || a instanceof Answer.Kept kept && kept.current());
        if (elsewhere) {
            // It is owned, or somebody who knows more will claim it, and tell this node to keep or to drop its copy.
            t.heard.clear();
            t.asked = now;
        } else if (t.entitled < 0) {
            t.entitled = now;
        } else if (now - t.entitled >= members.mail().indexOf(self()) * rules.patience()) {
            boolean forgotten = rules.tombstones() > 0
                    && clocks.wall() - m.stamped() >= rules.tombstones()
                    && m.recipients().stream().anyMatch(Custody::ready);
            if (forgotten) {
                // So old that its end may have been forgotten: a person decides.
                t.heard.clear();
                t.asked = now;
                write(List.of(m.advanced(p -> ready(p) ? next(m, p, State.HELD) : p, m.stamped())));
            } else {
                claim(m, t);
            }
        }
    }

    /** Whether everybody has answered what they know; what they know is merged. */
    private boolean inquireAll(HeldMessage m, Task t) {
        boolean all = true;
        for (String node : members.otherMail()) {
            if (!t.heard.containsKey(node)) {
                all = false;
                if (t.calling.add(node)) {
                    standing.ask(node, new Message.Inquire(m), a -> {
                        t.calling.remove(node);
                        ledger.find(m.id())
                                .filter(x -> tasks.get(m.id()) == t)
                                .ifPresent(x -> inquiryAnswered(x, t, node, a));
                    });
                }
            }
        }
        return all;
    }

    private void inquiryAnswered(HeldMessage m, Task t, String node, Answer answer) {
        HeldMessage known = null;
        switch (answer) {
            case Answer.Kept kept -> known = kept.record();
            case Answer.Mine owner -> known = owner.record();
            case Answer.Absent absent -> {}
            case Answer.Fenced fenced -> {
                standing.refused(fenced.register());
                return;
            }
            default -> {
                return;
            }
        }
        t.heard.put(node, answer);
        if (known != null) {
            keep(m.learning(known), m, () -> {});
        }
        work(m.id());
    }
}
