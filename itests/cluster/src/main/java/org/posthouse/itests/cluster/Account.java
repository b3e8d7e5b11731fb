// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.posthouse.itests.cluster.Entry.Answered;
import org.posthouse.itests.cluster.Entry.Arrived;
import org.posthouse.itests.cluster.Entry.Broken;
import org.posthouse.itests.cluster.Entry.Doubted;
import org.posthouse.itests.cluster.Entry.Drained;
import org.posthouse.itests.cluster.Entry.Healed;
import org.posthouse.itests.cluster.Entry.Renewed;
import org.posthouse.itests.cluster.Entry.Sent;
import org.posthouse.itests.cluster.Entry.Struck;
import org.posthouse.itests.cluster.Entry.Stuck;
import org.posthouse.itests.cluster.Entry.Told;
import org.posthouse.itests.cluster.Finding.Flaw;

/**
 * Judges a history: every recipient of every acknowledged letter must have got it, or its sender must have been told, once;
 * and twice only where a node said so of what was in flight when something failed.
 */
final class Account {
    /**
     * What arrived so long before a fault was not in flight when it came: the next hop takes its reply's time, the node
     * a sync, and its peers another.
     */
    private static final long IN_FLIGHT = 10_000;
    /** The next hop confirms within this time. */
    private static final long UNCONFIRMED = 1_000;

    private final Map<String, Fate> fates = new HashMap<>();
    /** Letters that something happened to since all queues were empty, or that miss something. */
    private final Set<String> open = new LinkedHashSet<>();
    /** By address: how often it may still get something twice. */
    private final Map<String, Integer> doubts = new HashMap<>();

    private final List<Finding> findings = new ArrayList<>();
    private final List<Round> rounds = new ArrayList<>();
    private Round round = new Round(0);
    private int drained;

    synchronized void take(Entry entry) {
        switch (entry) {
            case Sent sent -> sent(sent);
            case Answered answered -> answered(answered);
            case Arrived arrived -> arrived(arrived);
            case Told told -> told(told);
            case Doubted doubted -> {
                round.doubts++;
                doubts.merge(doubted.address(), 1, Integer::sum);
            }
            case Struck struck -> struck(struck.fault(), struck.kind().name(), struck.nodes(), struck.at());
            case Broken broken -> {
                struck(broken.fault(), "DRIVER", List.of(), broken.at());
                forgive(broken.at());
            }
            case Healed healed -> {
                round.healed = true;
                round.healedAt = healed.at();
            }
            case Drained done -> {
                round.drain = done.at() - round.healedAt;
                judge(true);
                end(done.fault());
            }
            case Stuck stuck -> {
                found(Flaw.STUCK, stuck.node() + ": " + stuck.how());
                judge(false);
                end(stuck.fault());
            }
            case Renewed renewed -> {
                open.clear();
                doubts.clear();
            }
        }
    }

    private void sent(Sent sent) {
        begin();
        fates.put(sent.letter(), new Fate(new Letter(sent.letter(), sent.good(), sent.bad()), sent.node()));
        open.add(sent.letter());
    }

    /** The first letter after an end belongs to the next round. */
    private void begin() {
        if (round.over) {
            round = new Round(round.fault + 1);
        }
    }

    private void answered(Answered entry) {
        Fate fate = fates.get(entry.letter());
        if (fate == null) {
            found(Flaw.UNSENT, entry.letter() + " was answered");
            return;
        }
        fate.answered(entry);
        switch (entry.answer()) {
            case ACKNOWLEDGED -> {
                round.acknowledged++;
                round.recipients += fate.letter.size();
            }
            case REFUSED -> round.refused++;
            case NONE -> round.unanswered++;
        }
    }

    private void struck(int fault, String kind, List<String> nodes, long at) {
        begin();
        Round before = round;
        if (before.fault != fault) {
            round = new Round(fault);
            round.acknowledged = before.acknowledged;
            round.recipients = before.recipients;
            round.refused = before.refused;
            round.unanswered = before.unanswered;
        }
        // The driver was ended in the middle of a fault: what was in flight when that one began may still be.
        long since = before.struck() && !before.over ? Math.min(before.struckAt, at) : at;
        round.struck(kind, nodes, since);
    }

    /** What the next hop took right before it was ended may not have been confirmed, and may rightly come again. */
    private void forgive(long at) {
        for (Fate fate : fates.values()) {
            for (int i = 0; i < fate.seenAt.length; i++) {
                if (fate.seenAt[i] > at - UNCONFIRMED) {
                    doubts.merge(fate.letter.recipient(i), 1, Integer::sum);
                }
            }
        }
    }

    private void arrived(Arrived entry) {
        Fate fate = fates.get(entry.letter());
        if (fate == null) {
            found(Flaw.UNSENT, entry.letter() + " arrived");
            return;
        }
        for (int index : entry.recipients()) {
            see(fate, index, entry.at());
        }
        if (round.takeover == Round.NEVER && isTakenOver(fate, entry.by())) {
            round.takeover = entry.at() - round.struckAt;
        }
    }

    /** Where one of several fails the others can go on without it. */
    private boolean isTakenOver(Fate fate, String by) {
        return !round.healed
                && round.victims.equals(Set.of(fate.node))
                && !by.equals(fate.node)
                && fate.acknowledged()
                && fate.answeredAt <= round.struckAt;
    }

    private void told(Told entry) {
        Fate fate = fates.get(entry.letter());
        if (fate == null) {
            found(Flaw.UNSENT, entry.letter() + " was told of");
            return;
        }
        for (int index : entry.failed()) {
            if (index < fate.letter.good()) {
                found(Flaw.TOLD_WRONG, fate.letter.recipient(index) + " by " + entry.by());
            } else {
                see(fate, index, entry.at());
            }
        }
    }

    private void see(Fate fate, int index, long at) {
        open.add(fate.letter.id());
        if (fate.seen[index] > 0 && fate.seenAt[index] < oldest()) {
            found(
                    Flaw.DOUBLED_LATE,
                    fate.letter.recipient(index) + " of " + fate.node + " again after " + (at - fate.seenAt[index])
                            + " ms");
        }
        fate.seen[index]++;
        fate.seenAt[index] = at;
    }

    /** Since when something may be in flight; while all is well nothing comes twice. */
    private long oldest() {
        return round.struck() ? round.struckAt - IN_FLIGHT : Long.MAX_VALUE;
    }

    private void end(int fault) {
        drained = Math.max(drained, fault);
        if (!round.over) {
            round.over = true;
            rounds.add(round);
        }
    }

    private void judge(boolean empty) {
        Set<String> incomplete = new HashSet<>();
        for (String id : open) {
            Fate fate = fates.get(id);
            if (fate == null) {
                continue;
            }
            judgeWhatCame(fate);
            if (fate.acknowledged() && !fate.complete() && !fate.missed) {
                incomplete.add(id);
                if (empty) {
                    judgeWhatMisses(fate);
                }
            }
        }
        open.clear();
        if (!empty) {
            open.addAll(incomplete);
        }
    }

    private void judgeWhatCame(Fate fate) {
        for (int i = 0; i < fate.seen.length; i++) {
            if (fate.answer == Entry.Answer.REFUSED && fate.seen[i] > 0 && fate.judged[i] == 0) {
                found(Flaw.GHOST, fate.letter.recipient(i) + " of " + fate.node);
            }
            for (int again = Math.max(1, fate.judged[i]); again < fate.seen[i]; again++) {
                doubled(fate, i, again);
            }
            fate.judged[i] = fate.seen[i];
        }
    }

    private void doubled(Fate fate, int index, int again) {
        round.doubled++;
        String address = fate.letter.recipient(index);
        // One notice tells of several recipients, and comes twice for all of them when it was in flight itself.
        boolean notice = index >= fate.letter.good() && doubts.getOrDefault(fate.letter.sender(), 0) >= again;
        if (notice || said(address)) {
            round.said++;
        } else {
            found(Flaw.DOUBLED_UNSAID, address + " of " + fate.node + ", seen " + fate.seen[index] + " times");
        }
    }

    private boolean said(String address) {
        Integer left = doubts.computeIfPresent(address, (a, n) -> n - 1);
        return left != null && left >= 0;
    }

    private void judgeWhatMisses(Fate fate) {
        fate.missed = true;
        if (fate.oneCopy && round.victims.contains(fate.node) && round.kind.equals(Kind.REPLACE.name())) {
            round.alone++;
            return;
        }
        for (int i = 0; i < fate.seen.length; i++) {
            if (fate.seen[i] == 0) {
                found(i < fate.letter.good() ? Flaw.LOST : Flaw.UNTOLD, fate.letter.recipient(i) + " of " + fate.node);
            }
        }
    }

    private void found(Flaw flaw, String what) {
        findings.add(new Finding(round.fault, flaw, what));
        round.flaws.merge(flaw, 1, Integer::sum);
    }

    synchronized List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** The rounds that are over. */
    synchronized List<Round> rounds() {
        return List.copyOf(rounds);
    }

    /** The last fault after which all was judged. */
    synchronized int last() {
        return drained;
    }

    /** How many acknowledged letters have not come to their end yet. */
    synchronized long unfinished() {
        return open.stream()
                .map(fates::get)
                .filter(f -> f != null && f.acknowledged() && !f.complete())
                .count();
    }
}
