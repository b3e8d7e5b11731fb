// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.List;
import org.posthouse.spool.spi.MessageId;

/** A keeper: guards a message for its owner, and claims it when the owner is gone or does not know it. */
final class Guardian {
    /** The longest time until the owner is asked again whether it knows the message. */
    private static final long LONGEST = 16 * Desk.ASK_AGAIN;

    private final Desk desk;
    private final Membership members;
    private final Rules rules;
    private final Clocks clocks;
    private final Standing standing;
    private final Ledger ledger;
    private final Journal journal;

    Guardian(Desk desk) {
        this.desk = desk;
        this.members = desk.members;
        this.rules = desk.rules;
        this.clocks = desk.clocks;
        this.standing = desk.standing;
        this.ledger = desk.ledger;
        this.journal = desk.journal;
    }

    /** Looks whether the owner is still there, and knows of the message. */
    void guard(HeldMessage m, Dealing t) {
        Incarnation owner = m.ballot().owner();
        long now = clocks.monotonic();
        if (standing.gone(owner.node(), owner.number()) || t.orphan) {
            if (t.entitled < 0) {
                t.entitled = now;
            }
            if (now - t.entitled >= turn(m) * rules.patience()) {
                claim(m, t);
            }
        } else if (now - t.askedOwner >= t.pause && t.calling.add(owner.node())) {
            t.askedOwner = now;
            t.pause = Math.min(t.pause * 2, LONGEST);
            standing.ask(owner.node(), new Message.Inquire(m), a -> {
                t.calling.remove(owner.node());
                ledger.find(m.id())
                        .filter(x -> desk.dealing(m.id()) == t && x.ballot().equals(m.ballot()))
                        .ifPresent(x -> owned(x, t, a));
            });
        }
    }

    /** What the owner says of a message that this node keeps for it. */
    private void owned(HeldMessage m, Dealing t, Answer answer) {
        switch (answer) {
            case Answer.Absent absent -> t.orphan = true;
            case Answer.Kept kept -> {
                HeldMessage learned = m.learning(kept.record());
                if (kept.record().ballot().compareTo(m.ballot()) > 0) {
                    learned = desk.owned(learned, kept.record());
                } else if (!kept.record().claiming()) {
                    t.orphan = true;
                }
                desk.keep(learned, m, () -> {});
            }
            case Answer.Mine owner -> desk.keep(m.learning(owner.record()), m, () -> {});
            case Answer.Fenced fenced -> standing.refused(fenced.register());
            default -> {}
        }
    }

    /** How many keepers come before this node. */
    private long turn(HeldMessage m) {
        return m.keepers().stream()
                .takeWhile(k -> !k.node().equals(desk.self()))
                .filter(k -> k.wanted() && !standing.gone(k.node(), k.incarnation()))
                .count();
    }

    /** Claims the message with the next ballot. */
    void claim(HeldMessage m, Dealing t) {
        t.heard.clear();
        t.entitled = -1;
        t.asked = -1;
        desk.write(List.of(m.under(m.ballot().next(standing.self()), true)));
    }

    /** The claimant asks: everybody who is not fenced, and with a copy that is out of date really everybody. */
    void ask(HeldMessage m, Dealing t) {
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
                    HeldMessage shown = desk.unsaid(m) ? m.withheld() : m;
                    standing.ask(node, new Message.Claim(shown, standing.fences()), a -> {
                        t.calling.remove(node);
                        ledger.find(m.id())
                                .filter(x ->
                                        desk.dealing(m.id()) == t && x.ballot().equals(m.ballot()) && x.claiming())
                                .ifPresent(x -> claimAnswered(x, t, node, a));
                    });
                }
            }
        }
        if (all && (standing.leased() || !rules.leaseBeforeDot())) {
            own(m, t, stale);
        }
    }

    private void claimAnswered(HeldMessage m, Dealing t, String node, Answer answer) {
        switch (answer) {
            case Answer.Absent absent -> t.heard.put(node, answer);
            case Answer.Kept kept -> {
                t.heard.put(node, answer);
                desk.keep(m.learning(kept.record()), m, () -> {});
            }
            case Answer.Mine owner -> stepBack(m, t, owner.record());
            case Answer.Outbid over -> stepBack(m, t, over.record());
            case Answer.Fenced fenced -> standing.refused(fenced.register());
            default -> {
                return;
            }
        }
        desk.work(m.id());
    }

    private void stepBack(HeldMessage m, Dealing t, HeldMessage to) {
        t.heard.clear();
        if (desk.unsaid(m)) {
            // Whose it is by now is asked once more.
            desk.write(List.of(m.under(m.ballot(), false)));
            return;
        }
        t.orphan = false;
        t.askedOwner = clocks.monotonic();
        t.asked = clocks.monotonic();
        desk.keep(desk.owned(m.learning(to), to), m, () -> {});
    }

    /** Everybody agreed. */
    private void own(HeldMessage m, Dealing t, boolean stale) {
        boolean lost = stale && m.keepers().stream().anyMatch(k -> standing.lost(k.node(), k.incarnation()));
        List<Keeper> keepers =
                new ArrayList<>(List.of(new Keeper(desk.self(), standing.self().number(), true)));
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
        List<HeldMessage> all = new ArrayList<>(List.of(desk.doubting(m, lost)
                .under(m.ballot(), false)
                .kept(keepers)
                .since(standing.self().number())));
        // Notices of an outcome that this node alone knew go on with it.
        for (MessageId c : m.companions()) {
            ledger.find(c)
                    .filter(n -> desk.mine(n) && !desk.owns(n) && !n.ended())
                    .ifPresent(n -> {
                        Dealing d = desk.task(c);
                        d.acked.clear();
                        d.heard.clear();
                        d.fresh = true;
                        d.parent = m.id();
                        d.parentVersion = m.version() + 1;
                        all.add(desk.doubting(n, lost)
                                .under(n.ballot().next(standing.self()), false)
                                .kept(keepers.stream().filter(Keeper::wanted).toList())
                                .since(standing.self().number()));
                    });
        }
        desk.write(all);
    }

    /** Claims it above whatever others have said of it. */
    void claimAbove(HeldMessage m, Dealing t, Ballot highest) {
        claim(m.ballot().compareTo(highest) < 0 ? m.under(highest, true) : m, t);
    }
}
