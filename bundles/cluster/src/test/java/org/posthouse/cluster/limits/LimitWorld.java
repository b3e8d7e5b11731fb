// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Limiter;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Rules;

/**
 * A made-up world of a few nodes that are asked for limits while everything goes wrong by the seed. Of each limit it keeps
 * one bucket that all grants are taken from at the moment they are given; it is never overdrawn as long as in every window
 * of time at most the rate times the window plus the burst is granted.
 */
final class LimitWorld {
    private record Event(long time, long order, LimitNode on, int life, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /**
     * What a world is made of.
     *
     * @param settle how many milliseconds earlier than it may a node thinks that nobody stands in for it any more
     */
    record Setup(Membership members, LimitRules rules, long settle, boolean empty, int disksThatMayBeLost) {
        Setup(Membership members) {
            this(members, LimitRules.STANDARD, 0, false, 1);
        }
    }

    /** One limit and all that was ever granted of it. */
    final class Watched {
        final String name;
        final Limiter.Rate rate;
        private long full;
        long granted;
        long denied;
        final Deque<Long> grants = new ArrayDeque<>();

        Watched(String name, Limiter.Rate rate) {
            this.name = name;
            this.rate = rate;
        }

        void granted(long amount) {
            long nanos = now * 1_000_000;
            long span = Level.span(rate);
            full = Math.max(full, nanos) + span / rate.burst() * amount;
            granted += amount;
            grants.add(now);
            if (full - nanos > span) {
                broken(name + " " + rate + " is overdrawn by "
                        + (full - nanos - span) / (double) (span / rate.burst()));
            }
        }
    }

    final Random random;
    final long seed;
    final Setup setup;
    final Rules standing;
    final List<LimitNode> nodes = new ArrayList<>();
    final Map<String, Watched> limits = new LinkedHashMap<>();
    final TreeMap<String, Integer> faults = new TreeMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Deque<String> history = new ArrayDeque<>();
    private final boolean[][] cut;
    long now = 1_000_000;
    long steps;
    private long order;
    private double loss = 0.003;
    private double late = 0.01;
    private boolean chaos = true;
    private int disksLost;

    @Nullable
    String verdict;

    LimitWorld(long seed, Setup setup) {
        this.seed = seed;
        this.random = new Random(seed * 0x9E3779B97F4A7C15L + 17);
        this.setup = setup;
        this.standing = Rules.standard(setup.members(), 2, true);
        List<String> names = new ArrayList<>(setup.members().mail());
        names.addAll(setup.members().witnesses());
        this.cut = new boolean[names.size()][names.size()];
        for (int i = 0; i < names.size(); i++) {
            nodes.add(new LimitNode(this, i, names.get(i)));
        }
        watch(600, 60, 60);
        watch(600, 60, 600);
        watch(60, 20, 7);
        watch(30, 60, 1);
        watch(40, 3600, 20);
    }

    private void watch(long events, long seconds, long burst) {
        String name = "l:test:limits/" + limits.size();
        limits.put(name, new Watched(name, new Limiter.Rate(events, Duration.ofSeconds(seconds), burst)));
    }

    LimitNode node(String name) {
        return nodes.stream().filter(n -> n.name.equals(name)).findFirst().orElseThrow();
    }

    void broken(String what) {
        if (verdict == null) {
            verdict = what + "\nseed " + seed + ", step " + steps + "\n" + String.join("\n", history);
        }
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    long between(long least, long most) {
        return least + (long) (random.nextDouble() * (most - least + 1));
    }

    void at(long delay, LimitNode on, Runnable what) {
        events.add(new Event(now + delay, order++, on, on.life, what));
    }

    void always(long delay, LimitNode on, Runnable what) {
        events.add(new Event(now + delay, order++, on, -1, what));
    }

    void note(String line) {
        history.addLast(now + " " + line);
        if (history.size() > 200) {
            history.removeFirst();
        }
    }

    private void step() {
        Event e = events.remove();
        now = Math.max(now, e.time());
        if (e.life() >= 0 && (e.on().life != e.life() || !e.on().up)) {
            return;
        }
        if (e.life() >= 0 && e.on().stoppedUntil > now) {
            events.add(new Event(e.on().stoppedUntil, order++, e.on(), e.life(), e.what()));
            return;
        }
        steps++;
        e.what().run();
        List<String> leading = nodes.stream()
                .filter(n -> n.up && n.stoppedUntil <= now && n.leads())
                .map(n -> n.name)
                .toList();
        if (leading.size() > 1 && setup.settle() == 0) {
            broken("more than one does what is to be done once: " + leading);
        }
    }

    void until(long time) {
        while (!events.isEmpty() && events.peek().time() <= time && verdict == null) {
            step();
        }
        now = Math.max(now, time);
    }

    long delay() {
        return chance(late) ? between(50, 12_000) : between(1, 4);
    }

    boolean passes(LimitNode from, LimitNode to) {
        return !cut[from.index][to.index] && !chance(loss);
    }

    /** Demand and faults for a while. */
    void run() {
        nodes.forEach(LimitNode::boot);
        limits.values().forEach(this::phase);
        always(between(500, 6_000), nodes.getFirst(), this::fault);
        until(now + between(60_000, 140_000));
    }

    /** The nodes that are asked for a limit, and how often; it changes from time to time. */
    private void phase(Watched limit) {
        double perSecond = limit.rate.events() / (double) limit.rate.per().toSeconds();
        double factor = Math.max(0.4, perSecond) * (chance(0.3) ? 0.3 : chance(0.5) ? 1 : 4);
        long end = now + between(2_000, 20_000);
        for (LimitNode n : nodes) {
            if (chance(0.6)) {
                demand(limit, n, Math.max(1, (long) (1_000 / factor)), end);
            }
        }
        always(end - now, nodes.getFirst(), () -> phase(limit));
    }

    /** Asks a node for one limit about every so often, whether it is up or not. */
    void demand(Watched limit, LimitNode n, long every, long end) {
        if (now >= end) {
            return;
        }
        n.take(limit, chance(0.05) ? between(1, 3) : 1);
        always(between(every / 2, every + every / 2), n, () -> demand(limit, n, every, end));
    }

    void calm() {
        chaos = false;
        loss = 0;
        late = 0;
    }

    private void fault() {
        if (!chaos) {
            return;
        }
        always(between(300, 12_000), nodes.getFirst(), this::fault);
        LimitNode n = nodes.get(random.nextInt(nodes.size()));
        LimitNode other = nodes.get(random.nextInt(nodes.size()));
        int dice = random.nextInt(100);
        if (dice < 20) {
            count("kill -9");
            down(n, chance(0.5) ? between(50, 3_000) : between(8_000, 30_000));
        } else if (dice < 28) {
            if (disksLost < setup.disksThatMayBeLost()) {
                disksLost++;
                count("lost disk");
                down(n, between(500, 20_000));
                n.loseDisk();
            }
        } else if (dice < 34) {
            count("restart");
            if (n.up && n.stoppedUntil <= now) {
                n.endWell();
                down(n, between(50, 6_000));
            }
        } else if (dice < 46) {
            count("stop");
            stop(n, between(1_000, 25_000), false);
        } else if (dice < 52) {
            if (now - n.jumpedAt > 10_000) {
                count("suspend");
                stop(n, between(1_000, 25_000), true);
            }
        } else if (dice < 72) {
            boolean oneWay = chance(0.4);
            count(oneWay ? "cut one way" : "cut");
            cut(n, other, oneWay, between(500, 30_000));
        } else if (dice < 82) {
            count("isolated");
            long time = between(2_000, 30_000);
            nodes.forEach(x -> cut(n, x, false, time));
        } else if (dice < 88) {
            long jump = between(-100_000, 100_000);
            // Set back while the machine is suspended, or just before: then no clock of it knows how long that was.
            if (now - n.suspendedTill() > 10_000) {
                count("clock jump");
                note(n.name + " wall clock jumps by " + jump);
                n.wallOffset += jump;
                n.jumpedAt = now;
            }
        } else if (dice < 96) {
            count("bad net");
            loss = 0.2;
            late = 0.2;
            always(between(2_000, 10_000), nodes.getFirst(), () -> {
                loss = chaos ? 0.003 : 0;
                late = chaos ? 0.01 : 0;
            });
        } else {
            count("power loss");
            nodes.forEach(x -> down(x, between(200, 5_000)));
        }
    }

    private void count(String fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    void down(LimitNode n, long time) {
        if (n.up) {
            note(n.name + " down for " + time);
            n.crash();
            always(time, n, () -> {
                if (!n.up) {
                    n.boot();
                }
            });
        }
    }

    private void stop(LimitNode n, long time, boolean suspended) {
        if (n.up && n.stoppedUntil <= now) {
            note(n.name + (suspended ? " suspended for " : " stopped for ") + time);
            n.stoppedUntil = now + time;
            if (suspended) {
                n.suspend(time);
            }
        }
    }

    private void cut(LimitNode a, LimitNode b, boolean oneWay, long time) {
        if (a == b) {
            return;
        }
        note("cut " + a.name + (oneWay ? " -> " : " -- ") + b.name + " for " + time);
        cut[a.index][b.index] = true;
        cut[b.index][a.index] |= !oneWay;
        always(time, a, () -> {
            Arrays.fill(cut[a.index], b.index, b.index + 1, false);
            Arrays.fill(cut[b.index], a.index, a.index + 1, false);
        });
    }
}
