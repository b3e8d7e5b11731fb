// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;

/** What is answered to others about messages, once it is on disk. */
final class Replies {
    private final Desk desk;
    private final Rules rules;
    private final Standing standing;
    private final Ledger ledger;

    Replies(Desk desk) {
        this.desk = desk;
        this.rules = desk.rules;
        this.standing = desk.standing;
        this.ledger = desk.ledger;
    }

    void handle(Incarnation from, Message message, Consumer<Answer> reply) {
        MessageId about = switch (message) {
            case Message.Store store -> store.records().get(0).id();
            case Message.Drop drop -> drop.id();
            case Message.Claim claim -> claim.record().id();
            case Message.Inquire inquire -> inquire.record().id();
            default -> throw new IllegalArgumentException("not about mail: " + message);
        };
        HeldMessage m = ledger.find(about).orElse(null);
        if (message instanceof Message.Inquire inquire && inquire.record().asks()) {
            asked(m, reply);
            return;
        }
        if (m != null && desk.unsaid(m)) {
            if (desk.owns(m) || !desk.task(about).taken) {
                reply.accept(new Answer.Late());
            } else {
                taken(from, m, message, reply);
            }
            return;
        }
        if (desk.suspended(about)) {
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

    /** Says what is known here, and learns nothing. */
    private void asked(@Nullable HeldMessage m, Consumer<Answer> reply) {
        if (m == null) {
            reply.accept(new Answer.Absent());
            return;
        }
        HeldMessage shown = desk.unsaid(m) ? m.withheld() : m;
        reply.accept(
                !m.ended() && desk.owns(m)
                        ? new Answer.Mine(shown)
                        : new Answer.Kept(shown, standing.current(m.since()) && !m.claiming() && !desk.unsaid(m)));
    }

    /** About a message that another node has by now: what this node said last is void. */
    private void taken(Incarnation from, HeldMessage m, Message message, Consumer<Answer> reply) {
        switch (message) {
            case Message.Store store -> {
                HeldMessage theirs = store.records().get(0);
                HeldMessage yielded = m.yieldedTo(theirs);
                if (theirs.ballot().compareTo(m.ballot()) < 0) {
                    reply.accept(new Answer.Outbid(m.withheld()));
                } else if (m.ended() && !yielded.ended() && ledger.lacksOctets(m.id())
                        || store.records().stream().anyMatch(ledger::lacks)) {
                    reply.accept(new Answer.Lacking());
                } else {
                    desk.write(desk.yielded(m, theirs));
                    store(store.records(), reply);
                }
            }
            // What is here is no copy: it is not delivered unless everybody says that nobody has another one.
            case Message.Drop drop ->
                reply.accept(
                        drop.ballot().compareTo(m.ballot()) < 0
                                ? new Answer.Outbid(m.withheld())
                                : new Answer.Absent());
            case Message.Claim claim ->
                standing.obey(
                        claim.fences(),
                        () -> reply.accept(
                                !standing.living() || standing.refuses(from)
                                        ? new Answer.NotReady()
                                        : new Answer.Absent()));
            default -> reply.accept(new Answer.Kept(m.withheld(), false));
        }
    }

    private void store(List<HeldMessage> records, Consumer<Answer> reply) {
        if (records.stream().anyMatch(ledger::lacks)) {
            reply.accept(new Answer.Lacking());
            return;
        }
        HeldMessage first = ledger.find(records.get(0).id()).orElse(null);
        if (first != null && first.ballot().compareTo(records.get(0).ballot()) > 0) {
            HeldMessage told = records.get(0);
            // Without its notices, which are not taken, an end would be told to nobody.
            HeldMessage learned = first.learning(told.companions().isEmpty() ? told : told.withheld());
            desk.keep(learned, first, () -> reply.accept(new Answer.Outbid(learned)));
            return;
        }
        if (records.get(0).ballot().owner().node().equals(desk.self())) {
            inherit(records.get(0), first, reply);
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
            Dealing t = desk.task(r.id());
            t.orphan = false;
            t.heard.clear();
            if (before != null && !before.ballot().equals(r.ballot())) {
                // Whoever it is now may not know of it yet.
                t.askedOwner = desk.clocks.monotonic();
                t.pause = Desk.ASK_AGAIN;
            }
        }
        ledger.put(kept, () -> reply.accept(new Answer.Kept(kept.get(0), true)));
    }

    /**
     * The owner before leaves the message to this life of this node, and every other keeper knows: from now on it is this
     * node's, without a question. Another life may have been fenced meanwhile, and then somebody else may have it.
     */
    private void inherit(HeldMessage left, @Nullable HeldMessage before, Consumer<Answer> reply) {
        if (before != null && before.ballot().equals(left.ballot())) {
            reply.accept(new Answer.Kept(before, standing.current(before.since()) && !before.claiming()));
        } else if (before == null
                || !left.ballot().owner().equals(standing.self())
                || !standing.current(before.since())) {
            reply.accept(new Answer.Late());
        } else {
            HeldMessage mine = left.learning(before).since(standing.self().number());
            Dealing t = desk.task(left.id());
            t.acked.clear();
            t.heard.clear();
            t.orphan = false;
            t.entitled = -1;
            t.arranged = mine.version();
            ledger.put(List.of(mine), () -> {
                desk.durable(mine);
                reply.accept(new Answer.Kept(mine, true));
                desk.work(mine.id());
            });
        }
    }

    private void drop(Message.Drop drop, Consumer<Answer> reply) {
        HeldMessage m = ledger.find(drop.id()).orElse(null);
        if (m != null && m.ballot().compareTo(drop.ballot()) > 0) {
            reply.accept(new Answer.Outbid(m));
        } else if (m != null && m.ended()) {
            reply.accept(new Answer.Kept(m, false));
        } else {
            desk.forget(drop.id());
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
            desk.keep(learned, m, () -> reply.accept(new Answer.Kept(learned, false)));
        } else if (desk.owns(m)) {
            told(from, m, claim, reply);
        } else if (m.ballot().compareTo(claim.ballot()) > 0) {
            HeldMessage learned = m.learning(claim);
            desk.keep(learned, m, () -> reply.accept(new Answer.Outbid(learned)));
        } else {
            HeldMessage yielded = m.learning(claim).under(claim.ballot(), true);
            desk.task(m.id()).entitled = -1;
            desk.keep(yielded, m, () -> reply.accept(new Answer.Kept(yielded, standing.current(yielded.since()))));
        }
    }

    private void inquired(Incarnation from, HeldMessage theirs, Consumer<Answer> reply) {
        HeldMessage m = ledger.find(theirs.id()).orElse(null);
        if (m == null) {
            reply.accept(new Answer.Absent());
        } else if (!m.ended() && desk.owns(m)) {
            told(from, m, theirs, reply);
        } else {
            if (from.node().equals(m.ballot().owner().node())) {
                // An owner does not ask: this one is back and out of date, and waits for its keepers to find that out.
                Dealing t = desk.task(m.id());
                t.askedOwner = desk.clocks.monotonic() - t.pause;
            }
            HeldMessage learned = m.learning(theirs);
            desk.keep(
                    learned,
                    m,
                    () -> reply.accept(
                            new Answer.Kept(learned, standing.current(learned.since()) && !learned.claiming())));
        }
    }

    /** The owner learns that somebody has a copy: it joins the keepers, is told all or told to drop it. */
    private void told(Incarnation from, HeldMessage m, HeldMessage theirs, Consumer<Answer> reply) {
        HeldMessage learned = desk.adopting(m, theirs);
        Keeper known = m.keeper(from.node()).orElse(null);
        if (known == null || known.incarnation() < from.number()) {
            learned = learned.kept(Desk.replacing(
                    m.keepers(), new Keeper(from.node(), from.number(), desk.count(m) < rules.copies())));
        } else if (Desk.news(learned, m)) {
            learned = learned.kept(m.keepers());
        }
        HeldMessage answer = learned;
        desk.keep(learned, m, () -> reply.accept(new Answer.Mine(answer)));
    }
}
