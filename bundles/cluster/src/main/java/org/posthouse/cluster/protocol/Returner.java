// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.List;
import org.posthouse.spool.spi.State;

/** A node that was fenced: its copies are out of date, and it asks everybody. */
final class Returner {
    private final Desk desk;
    private final Membership members;
    private final Rules rules;
    private final Clocks clocks;
    private final Standing standing;
    private final Ledger ledger;
    private final Guardian guardian;

    Returner(Desk desk, Guardian guardian) {
        this.desk = desk;
        this.members = desk.members;
        this.rules = desk.rules;
        this.clocks = desk.clocks;
        this.standing = desk.standing;
        this.ledger = desk.ledger;
        this.guardian = guardian;
    }

    /** This node was fenced since it last heard of the owner: it knows nothing for certain, so it asks everybody. */
    void recover(HeldMessage m, Dealing t) {
        long now = clocks.monotonic();
        if (t.asked >= 0 && now - t.asked < Desk.ASK_AGAIN) {
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
        } else if (now - t.entitled >= members.mail().indexOf(desk.self()) * rules.patience()) {
            boolean forgotten = rules.tombstones() > 0
                    && clocks.wall() - m.stamped() >= rules.tombstones()
                    && m.recipients().stream().anyMatch(Desk::ready);
            if (forgotten) {
                // So old that its end may have been forgotten: a person decides.
                t.heard.clear();
                t.asked = now;
                desk.write(List.of(m.advanced(p -> Desk.ready(p) ? Desk.next(m, p, State.HELD) : p, m.stamped())));
            } else {
                guardian.claim(m, t);
            }
        }
    }

    /** Whether everybody has answered what they know; what they know is merged. */
    boolean inquireAll(HeldMessage m, Dealing t) {
        boolean all = true;
        for (String node : members.otherMail()) {
            if (!t.heard.containsKey(node)) {
                all = false;
                if (t.calling.add(node)) {
                    standing.ask(node, new Message.Inquire(m), a -> {
                        t.calling.remove(node);
                        ledger.find(m.id())
                                .filter(x -> desk.dealing(m.id()) == t)
                                .ifPresent(x -> inquiryAnswered(x, t, node, a));
                    });
                }
            }
        }
        return all;
    }

    private void inquiryAnswered(HeldMessage m, Dealing t, String node, Answer answer) {
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
            desk.keep(m.learning(known), m, () -> {});
        }
        desk.work(m.id());
    }
}
