// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
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

    /**
     * The last outcome of a message may be known to this node alone, and it does not own the message any more: perhaps
     * another node has come to an outcome of its own. All are asked, and told nothing. When another node has it, this
     * outcome and its notices are void; when somebody has the notices, he has the outcome; when nobody has either, this node
     * goes on.
     */
    void reconsider(HeldMessage m, Dealing t) {
        long now = clocks.monotonic();
        if (t.asked >= 0 && now - t.asked < Desk.ASK_AGAIN) {
            return;
        }
        List<HeldMessage> all = new ArrayList<>(List.of(m));
        m.companions().forEach(c -> ledger.find(c).filter(n -> !n.ended()).ifPresent(all::add));
        if (!t.reconsidered) {
            t.reconsidered = true;
            all.forEach(r -> desk.task(r.id()).heard.clear());
        }
        List<String> silent = new ArrayList<>(members.otherMail());
        silent.removeIf(node -> all.stream().map(r -> asked(r, node, m.id(), t)).reduce(true, Boolean::logicalAnd));
        String holder = holder(m, t);
        if (silent.isEmpty() || !holder.isEmpty() && silent.stream().allMatch(standing::out)) {
            t.reconsidered = false;
            judge(m, t, holder, all);
        }
    }

    private boolean asked(HeldMessage about, String node, MessageId parent, Dealing t) {
        Dealing d = desk.task(about.id());
        if (!d.heard.containsKey(node) && d.calling.add(node)) {
            standing.ask(node, new Message.Inquire(about.question()), a -> {
                d.calling.remove(node);
                if (desk.dealing(parent) != t) {
                    return;
                }
                if (a instanceof Answer.Fenced fenced) {
                    standing.refused(fenced.register());
                } else if (a instanceof Answer.Kept || a instanceof Answer.Mine || a instanceof Answer.Absent) {
                    d.heard.put(node, a);
                    desk.work(parent);
                }
            });
        }
        return d.heard.containsKey(node);
    }

    /** Who has the message by now, or knows its end; empty when nobody does. */
    private String holder(HeldMessage m, Dealing t) {
        return t.heard.entrySet().stream()
                .filter(e -> rank(m, e.getValue()) > 0)
                .max(Comparator.comparingInt(e -> rank(m, e.getValue())))
                .map(Map.Entry::getKey)
                .orElse("");
    }

    /** How much somebody has to say of it: its owner, one who will own it, one who knows its end, one who has a later claim. */
    private static int rank(HeldMessage m, Answer answer) {
        return switch (answer) {
            case Answer.Mine mine -> 4;
            case Answer.Kept kept -> rank(m, kept);
            default -> 0;
        };
    }

    private static int rank(HeldMessage m, Answer.Kept kept) {
        HeldMessage theirs = kept.record();
        if (theirs.ended()) {
            return 2;
        }
        if (kept.current()) {
            return 3;
        }
        return !theirs.claiming() && later(theirs, m) ? 1 : 0;
    }

    private static boolean later(HeldMessage theirs, HeldMessage m) {
        return theirs.ballot().compareTo(m.ballot()) > 0;
    }

    private static @Nullable HeldMessage record(@Nullable Answer answer) {
        if (answer instanceof Answer.Mine mine) {
            return mine.record();
        }
        return answer instanceof Answer.Kept kept ? kept.record() : null;
    }

    private void judge(HeldMessage m, Dealing t, String holder, List<HeldMessage> all) {
        HeldMessage theirs = record(t.heard.get(holder));
        boolean agreed = theirs != null && m.agrees(theirs);
        List<MessageId> open = new ArrayList<>();
        for (HeldMessage n : all.subList(1, all.size())) {
            Dealing d = desk.task(n.id());
            boolean there = theirs == null
                    ? d.heard.values().stream().anyMatch(a -> record(a) != null)
                    : record(d.heard.get(holder)) != null;
            d.heard.clear();
            if (agreed || there) {
                d.parent = null;
            } else {
                open.add(n.id());
            }
        }
        Ballot highest = t.heard.values().stream()
                .map(Returner::record)
                .filter(Objects::nonNull)
                .map(HeldMessage::ballot)
                .max(Comparator.naturalOrder())
                .orElse(m.ballot());
        boolean owned = t.heard.get(holder) instanceof Answer.Mine;
        t.heard.clear();
        t.entitled = -1;
        HeldMessage left = m.with(open);
        if (open.isEmpty()) {
            t.asked = -1;
            desk.write(List.of(left));
        } else if (theirs == null) {
            t.asked = -1;
            t.taken = false;
            guardian.claimAbove(left, t, highest);
        } else if (theirs.ended() || owned && !m.ended()) {
            // While it goes on elsewhere, and its octets are gone here, this node is the only one beside the holder
            // that
            // knows anything of it: it waits for the end.
            t.asked = -1;
            t.taken = false;
            desk.write(desk.yielded(left, theirs));
        } else {
            t.taken = true;
            t.asked = clocks.monotonic();
            if (!left.equals(m)) {
                desk.write(List.of(left));
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
