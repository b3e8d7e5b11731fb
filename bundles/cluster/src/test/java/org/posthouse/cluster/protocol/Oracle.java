// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

/** Knows all that happened in the world, and says which promise was broken first. */
final class Oracle {
    /** One recipient as the world outside knows it. */
    private static final class Fate {
        int delivered;
        boolean doubted;
        boolean deleted;
        boolean failed;
        /** Whether its next hop refuses it, as often as it is tried. */
        boolean unknown;
        /** The disks that knew for certain that it had ended; null until then. */
        @Nullable
        Map<SimNode, Integer> confirmed;

        boolean remembered() {
            return confirmed != null
                    && confirmed.entrySet().stream().anyMatch(e -> e.getKey().diskNumber == e.getValue());
        }
    }

    private static final class Letter {
        final MessageId id;
        final List<Fate> fates = new ArrayList<>();
        boolean accepted;
        int copies;
        int disksLostBefore;

        @Nullable
        MessageId about;

        int recipient;

        Letter(MessageId id) {
            this.id = id;
        }
    }

    private final World world;
    private final Map<MessageId, Letter> letters = new LinkedHashMap<>();
    private final Set<MessageId> open = new HashSet<>();

    @Nullable
    String verdict;

    long takeovers;
    long handovers;
    long accepted;
    long deliveries;
    long doubled;
    long deferred;
    long closed;

    Oracle(World world) {
        this.world = world;
    }

    void broken(String what) {
        if (verdict == null && (world.setup.mayDouble() ? what.startsWith("I1") || what.startsWith("I6") : true)) {
            verdict = what + "\n" + world.story();
        }
    }

    private Letter letter(MessageId id) {
        return letters.computeIfAbsent(id, Letter::new);
    }

    void submitted(MessageId id, int recipients) {
        Letter l = letter(id);
        for (int i = 0; i < recipients; i++) {
            Fate f = new Fate();
            f.unknown = world.chance(0.25);
            l.fates.add(f);
        }
        l.disksLostBefore = world.disksLost;
        open.add(id);
    }

    void notice(MessageId id, MessageId about, int recipient) {
        submitted(id, 1);
        letter(id).fates.get(0).unknown = false;
        letter(id).about = about;
        letter(id).recipient = recipient;
    }

    boolean isUnknown(MessageId id, int recipient) {
        return letter(id).fates.get(recipient).unknown;
    }

    boolean isNotice(MessageId id) {
        return letter(id).about != null;
    }

    void answered(MessageId id, Receipt receipt) {
        Letter l = letter(id);
        switch (receipt.kind()) {
            case ACCEPTED -> {
                l.accepted = true;
                l.copies = receipt.copies();
                accepted++;
                long disks =
                        world.nodes.stream().filter(n -> n.record(id) != null).count();
                if (disks + world.disksLost - l.disksLostBefore < receipt.copies()) {
                    broken("I1 250 with copies=" + receipt.copies() + " but on " + disks + " disks: " + id);
                }
            }
            case DEFERRED -> {
                deferred++;
                l.fates.forEach(f -> f.deleted = true);
                boolean alive = world.nodes.stream().map(n -> n.record(id)).anyMatch(r -> r != null && !r.ended());
                if (alive) {
                    broken("I1 451, but somebody may still deliver " + id);
                }
            }
            case CLOSED -> closed++;
        }
    }

    void deleted(MessageId id) {
        letter(id).fates.forEach(f -> f.deleted = true);
    }

    void doubted(MessageId id, int recipient) {
        letter(id).fates.get(recipient).doubted = true;
    }

    /**
     * @param stopped whether the node stood still between the last check and the dot: all knew of the intent, and doubted it
     */
    void delivered(MessageId id, int recipient, SimNode by, boolean stopped) {
        Fate f = letter(id).fates.get(recipient);
        f.delivered++;
        deliveries++;
        if (f.remembered() && !(stopped && f.doubted)) {
            broken("I4 " + id + "/" + recipient + " is delivered by " + by.name + " although its end was confirmed");
        } else if (f.delivered > 1) {
            doubled++;
            if (!f.doubted) {
                broken("I2 " + id + "/" + recipient + " is delivered again by " + by.name + ", and nobody doubted it");
            }
        }
    }

    /** After every step. */
    void check() {
        for (MessageId id : List.copyOf(open)) {
            Letter l = letter(id);
            int believers = 0;
            boolean left = false;
            for (SimNode n : world.nodes) {
                HeldMessage m = n.record(id);
                if (m == null) {
                    continue;
                }
                left |= !m.ended();
                for (int r = 0; r < l.fates.size(); r++) {
                    l.fates.get(r).failed |= m.recipients().get(r).state() == State.FAILED;
                }
                if (n.believes(id)) {
                    believers++;
                }
                confirm(l, n, m);
            }
            if (believers > 1) {
                broken("I3 two nodes may deliver " + id);
            }
            if (promised(l) && !left) {
                for (int r = 0; r < l.fates.size(); r++) {
                    Fate f = l.fates.get(r);
                    if (f.delivered == 0 && !f.deleted && !f.failed) {
                        broken("I1 " + id + "/" + r + " was accepted and is lost");
                    }
                }
            }
            boolean over = l.fates.stream().allMatch(f -> f.confirmed != null);
            if (over && !left) {
                open.remove(id);
            }
        }
    }

    /** Whether fewer disks were lost than the 250 said that it is on. */
    private boolean promised(Letter l) {
        return l.accepted && world.disksLost - l.disksLostBefore < l.copies;
    }

    private void confirm(Letter l, SimNode n, HeldMessage m) {
        boolean sure = false;
        for (int r = 0; r < l.fates.size(); r++) {
            Fate f = l.fates.get(r);
            if (f.confirmed == null && m.recipients().get(r).state().ended()) {
                sure = sure || n.confirmed(m);
                if (!sure) {
                    return;
                }
                Map<SimNode, Integer> disks = new HashMap<>();
                for (SimNode x : world.nodes) {
                    HeldMessage copy = x.record(l.id);
                    if (copy != null && copy.recipients().get(r).state().ended()) {
                        disks.put(x, x.diskNumber);
                    }
                }
                f.confirmed = disks;
            }
        }
    }

    /** When peace has come and nothing is left. */
    void finish() {
        for (Letter l : List.copyOf(letters.values())) {
            for (int r = 0; r < l.fates.size(); r++) {
                Fate f = l.fates.get(r);
                int number = r;
                long told = letters.values().stream()
                        .filter(n -> l.id.equals(n.about) && n.recipient == number)
                        .filter(n -> n.fates.get(0).delivered > 0)
                        .count();
                if (promised(l) && l.about == null && f.delivered == 0 && !f.deleted && told == 0) {
                    broken("I1 of " + l.id + "/" + r + " neither the recipient nor the sender heard");
                }
                // A second attempt in doubt may fail too; whoever was told of the first one is not told again, unless
                // the
                // disk that knew is lost.
                if (told > 1 && !(f.doubted && world.disksLost > l.disksLostBefore)) {
                    broken("I5 the sender of " + l.id + "/" + r + " was told " + told + " times");
                }
                if (told > 0 && f.delivered > 0 && !f.doubted) {
                    broken("I5 the sender of " + l.id + "/" + r + " was told of a failure, and it was delivered");
                }
            }
        }
    }
}
