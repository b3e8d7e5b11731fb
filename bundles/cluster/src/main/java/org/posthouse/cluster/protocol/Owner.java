// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

/** The owner of a message: has it kept by others, and answers its client. */
final class Owner {
    private final Desk desk;
    private final Membership members;
    private final Rules rules;
    private final Clocks clocks;
    private final Standing standing;
    private final Ledger ledger;
    private final Freight freight;
    private final Returner returner;
    private final Handover handover;

    Owner(Desk desk, Freight freight, Returner returner, Handover handover) {
        this.desk = desk;
        this.members = desk.members;
        this.rules = desk.rules;
        this.clocks = desk.clocks;
        this.standing = desk.standing;
        this.ledger = desk.ledger;
        this.freight = freight;
        this.returner = returner;
        this.handover = handover;
    }

    void tend(HeldMessage m, Dealing t) {
        if (desk.astray(m)) {
            // On its way in an earlier life of this node.
            desk.write(List.of(desk.doubting(m, false)));
            return;
        }
        Optional<List<Keeper>> better = arranged(m, t);
        if (better.isPresent()) {
            // What nobody else has is up to date in any life.
            HeldMessage next = desk.relieved(m).kept(better.get());
            desk.write(List.of(m.alone(desk.self()) ? next.since(standing.self().number()) : next));
            return;
        }
        if (t.durable != m.version()) {
            if (t.durable < 0) {
                // Read from disk after a start.
                desk.write(List.of(m));
            }
            return;
        }
        boolean enough = desk.count(m) >= rules.copies()
                && desk.live(m)
                        .filter(Keeper::wanted)
                        .allMatch(k -> Objects.equals(t.acked.get(k.node()), m.version()));
        for (Keeper k : desk.live(m).toList()) {
            if (k.wanted() && !Objects.equals(t.acked.get(k.node()), m.version())) {
                tell(m, t, k);
            } else if (!k.wanted() && enough && t.calling.add(k.node())) {
                standing.ask(k.node(), new Message.Drop(m.id(), m.ballot()), a -> dropped(m, t, k, a));
            }
        }
        if (standing.leaving()) {
            handover.begin(m, t);
        }
    }

    private void tell(HeldMessage m, Dealing t, Keeper k) {
        String node = k.node();
        if (k.incarnation() != standing.known(node) || !t.calling.add(node)) {
            return;
        }
        List<HeldMessage> records = new ArrayList<>(List.of(m));
        m.companions().forEach(c -> ledger.find(c).ifPresent(records::add));
        List<MessageId> needed = records.stream()
                .filter(r -> !r.ended() && needs(r.id(), node))
                .map(HeldMessage::id)
                .toList();
        if (needed.isEmpty()) {
            standing.ask(node, new Message.Store(records), a -> told(m, t, k, records, a));
            return;
        }
        t.supplied.add(node);
        boolean octets = needed.stream().anyMatch(id -> hasNone(desk.task(id), node));
        freight.bring(node, needed, octets, there -> {
            t.supplied.remove(node);
            if (there && desk.dealing(m.id()) == t && k.incarnation() == standing.known(node)) {
                standing.ask(node, new Message.Store(records), a -> told(m, t, k, records, a));
            } else {
                t.calling.remove(node);
            }
        });
    }

    /** Whether a keeper must be sent more than the record. One that had it before this node started has it still. */
    private boolean needs(MessageId id, String node) {
        Dealing t = desk.task(id);
        return hasNone(t, node) || t.outdated.contains(node);
    }

    private static boolean hasNone(Dealing t, String node) {
        return t.lacking.contains(node) || t.fresh && !t.acked.containsKey(node);
    }

    /** A keeper that has a record has what belongs to it. */
    private void supplied(List<HeldMessage> records, String node) {
        for (HeldMessage r : records) {
            Dealing t = desk.task(r.id());
            t.lacking.remove(node);
            if (t.rewritten <= r.version()) {
                t.outdated.remove(node);
            }
        }
    }

    /** Notices came with the message, in one change. */
    private void accompanied(List<HeldMessage> records, String node) {
        records.stream()
                .skip(1)
                .filter(r -> ledger.find(r.id())
                        .filter(n -> n.ballot().equals(r.ballot()))
                        .isPresent())
                .forEach(r -> desk.task(r.id()).acked.merge(node, r.version(), Math::max));
    }

    /** Who should keep it, when that differs from who does. */
    private Optional<List<Keeper>> arranged(HeldMessage m, Dealing t) {
        List<Keeper> next = m.keepers();
        for (Keeper k : desk.live(m).toList()) {
            if (standing.known(k.node()) > k.incarnation()) {
                // A copy is asked of one life of a node, and that is on disk here before.
                next = Desk.replacing(next, new Keeper(k.node(), standing.known(k.node()), k.wanted()));
            }
        }
        Optional<Keeper> slow = t.admission != null && clocks.monotonic() - t.admission.asked >= rules.replaceAfter()
                ? desk.live(m)
                        .filter(k -> k.wanted() && !t.acked.containsKey(k.node()) && !t.supplied.contains(k.node()))
                        .findFirst()
                : Optional.empty();
        if (desk.count(m) < rules.copies() || slow.isPresent()) {
            Optional<String> spare = spare(m);
            if (spare.isPresent()) {
                next = Desk.replacing(next, new Keeper(spare.get(), standing.known(spare.get()), true));
                if (slow.isPresent() && t.admission != null) {
                    t.admission.asked = clocks.monotonic();
                    Keeper s = slow.get();
                    next = Desk.replacing(next, new Keeper(s.node(), s.incarnation(), false));
                }
            }
        }
        return next.equals(m.keepers()) ? Optional.empty() : Optional.of(next);
    }

    private void told(HeldMessage said, Dealing t, Keeper k, List<HeldMessage> records, Answer answer) {
        t.calling.remove(k.node());
        HeldMessage m = ledger.find(said.id()).orElse(null);
        if (m == null || desk.dealing(said.id()) != t) {
            return;
        }
        switch (answer) {
            case Answer.Kept kept -> {
                supplied(records, k.node());
                accompanied(records, k.node());
                if (m.ballot().equals(said.ballot())) {
                    t.acked.put(k.node(), said.version());
                    HeldMessage learned = desk.adopting(m, kept.record());
                    if (Desk.news(learned, m)) {
                        desk.write(List.of(learned.kept(m.keepers())));
                    } else {
                        desk.work(m.id());
                    }
                    records.stream().skip(1).forEach(r -> desk.work(r.id()));
                }
            }
            case Answer.Lacking lacking -> {
                boolean again = t.lacking.contains(k.node());
                records.stream()
                        .filter(r -> !r.ended())
                        .forEach(r -> desk.task(r.id()).lacking.add(k.node()));
                if (!again) {
                    desk.work(m.id());
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

    private void dropped(HeldMessage said, Dealing t, Keeper k, Answer answer) {
        t.calling.remove(k.node());
        HeldMessage m = ledger.find(said.id()).orElse(null);
        if (m == null || desk.dealing(said.id()) != t || !m.ballot().equals(said.ballot())) {
            return;
        }
        switch (answer) {
            case Answer.Absent absent -> {
                t.acked.remove(k.node());
                if (m.keeper(k.node()).filter(k::equals).isPresent()) {
                    desk.write(List.of(desk.relieved(m)
                            .kept(m.keepers().stream().filter(x -> !x.equals(k)).toList())));
                }
            }
            case Answer.Kept kept -> {
                HeldMessage learned = desk.adopting(m, kept.record());
                if (Desk.news(learned, m)) {
                    desk.write(List.of(learned.kept(m.keepers())));
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
        HeldMessage learned = desk.owns(m) ? desk.adopting(m, theirs) : m.learning(theirs);
        boolean unsaid = desk.unsaid(m);
        if (desk.owns(m) && (unsaid || !m.ended())) {
            desk.write(List.of(learned.under(theirs.ballot().next(standing.self()), false)
                    .kept(m.keepers())
                    .since(m.since())));
        } else if (unsaid) {
            // What this node said last is told to nobody: first it is asked who has the message by now.
            desk.stir(m.id());
        } else if (theirs.ballot().compareTo(m.ballot()) > 0) {
            desk.write(List.of(desk.owned(learned, theirs)));
        } else if (Desk.news(learned, m)) {
            desk.write(List.of(learned));
        }
    }

    void answer(HeldMessage m, Dealing t) {
        Dealing.Admission a = Objects.requireNonNull(t.admission);
        int copies = 1
                + (int) desk.live(m)
                        .filter(k -> k.wanted() && t.acked.containsKey(k.node()))
                        .count();
        long waited = clocks.monotonic() - a.began;
        if (a.aborted) {
            // Also of one that is fenced by now: it still has its copy, and 451 says that nobody delivers it.
            boolean all = t.durable == m.version()
                    && m.keepers().stream()
                            .filter(k -> !k.node().equals(desk.self()))
                            .allMatch(k -> Objects.equals(t.acked.get(k.node()), m.version()));
            if (all || waited >= rules.shortAfter() + rules.callTimeout()) {
                t.admission = null;
                a.then.accept(new Receipt(all ? Receipt.Kind.DEFERRED : Receipt.Kind.CLOSED, copies));
            }
        } else if (t.durable >= 1 && (copies >= rules.copies() || rules.accept() && tooLate(m, t, waited))) {
            t.admission = null;
            a.then.accept(new Receipt(Receipt.Kind.ACCEPTED, copies));
        } else if (waited >= rules.shortAfter() && !rules.accept() && t.durable == m.version() && desk.owns(m)) {
            a.aborted = true;
            desk.write(List.of(m.advanced(p -> p.state().ended() ? p : Desk.next(m, p, State.DELETED), clocks.wall())));
        }
    }

    /** Whether a client has waited long enough for copies; longer while octets of a large message are on their way. */
    private boolean tooLate(HeldMessage m, Dealing t, long waited) {
        long most = t.supplied.isEmpty() ? rules.shortAfter() : rules.shortAfter() + rules.callTimeout();
        return waited >= most || nobodyLeft(m, t) && (hopeless() || waited >= rules.replaceAfter());
    }

    /** Whether all who were asked have answered, and nobody else is there to be asked. */
    private boolean nobodyLeft(HeldMessage m, Dealing t) {
        return desk.live(m).allMatch(k -> t.acked.containsKey(k.node())) && spare(m).isEmpty();
    }

    /** Whether those that are not there will not be back in a moment. */
    private boolean hopeless() {
        return !standing.leased()
                || members.otherMail().stream()
                        .filter(n -> !standing.reachable(n))
                        .allMatch(n -> standing.out(n) || standing.known(n) == 0);
    }

    /** A member that is there and has no copy. */
    private Optional<String> spare(HeldMessage m) {
        return desk.reachable()
                .filter(n -> desk.live(m).noneMatch(k -> k.node().equals(n) && k.wanted()))
                .findFirst();
    }

    /** Whether nothing is to be done about it until something happens. */
    boolean calm(HeldMessage m, Dealing t) {
        return m.ended() && desk.isCommon(m)
                || desk.confirmed(m) && (m.ended() || desk.count(m) >= rules.copies() || spare(m).isEmpty());
    }

    /** All have ended: the record is the memory of that, until everybody who had a copy knows. */
    void remember(HeldMessage m, Dealing t) {
        long age = clocks.wall() - m.stamped();
        if (desk.mine(m) && !m.claiming() && standing.current(m.since()) || desk.mine(m) && m.alone(desk.self())) {
            List<Keeper> next = m.keepers();
            for (Keeper k : m.keepers()) {
                if (!k.node().equals(desk.self()) && standing.known(k.node()) > k.incarnation()) {
                    next = Desk.replacing(next, new Keeper(k.node(), standing.known(k.node()), false));
                }
            }
            if (!next.equals(m.keepers())) {
                desk.write(List.of(m.kept(next)));
                return;
            }
            if (!desk.isCommon(m) && t.durable != m.version()) {
                if (t.durable < 0) {
                    desk.write(List.of(m));
                }
                return;
            }
            boolean known = desk.isCommon(m) || allKnow(m, t);
            if (known && age >= rules.tombstones()) {
                desk.forget(m.id());
                ledger.remove(m.id(), () -> {});
            } else if (known && m.companions().isEmpty()) {
                desk.common(m);
            }
        } else if (desk.mine(m) || !standing.current(m.since())) {
            spread(m, t);
        } else if (age >= rules.tombstones()) {
            desk.forget(m.id());
            ledger.remove(m.id(), () -> {});
        }
    }

    /** Tells this end to whoever had a copy and does not know; whether all do. */
    private boolean allKnow(HeldMessage m, Dealing t) {
        boolean known = true;
        for (Keeper k : m.keepers()) {
            boolean must = rules.awaitAbsent() || !standing.gone(k.node(), k.incarnation());
            if (members.has(k.node())
                    && !k.node().equals(desk.self())
                    && !Objects.equals(t.acked.get(k.node()), m.version())) {
                known &= !must;
                if (!standing.out(k.node())) {
                    tell(m, t, k);
                }
            }
        }
        return known;
    }

    /** An end that others may not know of is told to all; then it is remembered like any other. */
    private void spread(HeldMessage m, Dealing t) {
        if (returner.inquireAll(m, t)) {
            t.heard.clear();
            desk.write(List.of(m.under(m.ballot(), false).since(standing.self().number())));
        }
    }
}
