// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An owner that is about to stop leaves its messages to keepers. The record under the heir's ballot goes to this node's disk
 * first, then to those of all other keepers, and to the heir's last: when he hears that he is the owner, nobody is left who
 * would claim the message because this node is gone.
 */
final class Handover {
    /** For how long the others and the heir are asked, until this node claims the message back. */
    private static final long LONGEST = 10_000;

    private final Desk desk;
    private final Rules rules;
    private final Clocks clocks;
    private final Standing standing;
    private final Ledger ledger;
    private final Guardian guardian;

    Handover(Desk desk, Guardian guardian) {
        this.desk = desk;
        this.rules = desk.rules;
        this.clocks = desk.clocks;
        this.standing = desk.standing;
        this.ledger = desk.ledger;
        this.guardian = guardian;
    }

    /** Leaves a message to a keeper, when nothing of it is open; when there is none, another member becomes one. */
    void begin(HeldMessage m, Dealing t) {
        if (!free(m, t)) {
            return;
        }
        Optional<Keeper> heir = desk.live(m).filter(this::able).findFirst();
        if (heir.isPresent()) {
            Incarnation next = new Incarnation(heir.get().node(), heir.get().incarnation());
            t.heir = new Ballot(m.ballot().epoch() + 1, next);
            t.handed = clocks.monotonic();
            t.acked.clear();
            desk.journal.handedOver(m.id(), t.heir);
            // From here on this node is a keeper, and delivers nothing of it.
            desk.write(List.of(desk.relieved(m).under(t.heir, false).kept(m.keepers())));
        } else {
            desk.reachable()
                    .filter(n -> !standing.parts(n)
                            && desk.live(m).noneMatch(k -> k.node().equals(n)))
                    .findFirst()
                    .ifPresent(n -> desk.write(List.of(desk.relieved(m)
                            .kept(Desk.replacing(m.keepers(), new Keeper(n, standing.known(n), true))))));
        }
    }

    /** Whether all who may deliver the message know all of it, nothing of it is on its way, and nobody waits for a word. */
    private boolean free(HeldMessage m, Dealing t) {
        return desk.owns(m)
                && (standing.leased() || !rules.leaseBeforeDot())
                && !m.ended()
                && !m.inFlight()
                && t.flying().isEmpty()
                && t.admission == null
                && !t.awaited()
                && desk.confirmed(m)
                && !desk.early(m.id());
    }

    private boolean able(Keeper k) {
        return k.wanted()
                && k.incarnation() == standing.known(k.node())
                && standing.reachable(k.node())
                && !standing.parts(k.node());
    }

    /** What a node does of a message that it keeps: while it hands it over it tells the others, else it guards it. */
    void guard(HeldMessage m, Dealing t) {
        if (t.heir != null && !hands(m, t)) {
            // Somebody took it, or it was said and not heard: then this node claims it.
            t.orphan |= m.ballot().equals(t.heir);
            t.heir = null;
        }
        if (t.heir == null) {
            guardian.guard(m, t);
        } else if (t.durable >= m.version()) {
            tell(m, t, t.heir);
        }
    }

    private boolean hands(HeldMessage m, Dealing t) {
        Ballot heir = Objects.requireNonNull(t.heir);
        return m.ballot().equals(heir)
                && !m.claiming()
                && standing.known(heir.owner().node()) == heir.owner().number()
                && !standing.gone(heir.owner().node(), heir.owner().number())
                && clocks.monotonic() - t.handed < LONGEST;
    }

    private void tell(HeldMessage m, Dealing t, Ballot heir) {
        boolean all = true;
        for (Keeper k : desk.live(m).toList()) {
            if (!k.node().equals(heir.owner().node()) && !Objects.equals(t.acked.get(k.node()), m.version())) {
                all = false;
                say(m, t, k);
            }
        }
        if (all) {
            m.keeper(heir.owner().node()).ifPresent(k -> say(m, t, k));
        }
    }

    private void say(HeldMessage m, Dealing t, Keeper k) {
        if (k.incarnation() == standing.known(k.node()) && t.calling.add(k.node())) {
            standing.ask(k.node(), new Message.Store(List.of(m)), a -> {
                t.calling.remove(k.node());
                ledger.find(m.id())
                        .filter(x -> desk.dealing(m.id()) == t && x.ballot().equals(m.ballot()) && !x.claiming())
                        .ifPresent(x -> said(x, m.version(), t, k, a));
            });
        }
    }

    private void said(HeldMessage m, long version, Dealing t, Keeper k, Answer answer) {
        switch (answer) {
            case Answer.Kept kept -> {
                if (m.ballot().owner().node().equals(k.node())) {
                    t.heir = null;
                    t.askedOwner = clocks.monotonic();
                } else {
                    t.acked.put(k.node(), version);
                }
                desk.keep(m.learning(kept.record()), m, () -> desk.work(m.id()));
            }
            case Answer.Outbid over -> {
                t.heir = null;
                desk.keep(desk.owned(m.learning(over.record()), over.record()), m, () -> desk.work(m.id()));
            }
            case Answer.Fenced fenced -> standing.refused(fenced.register());
            default -> {}
        }
    }
}
