// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import org.posthouse.spool.spi.MessageId;

/**
 * A made-up world of a few nodes, in which everything happens at a time that the seed decides: frames that are lost,
 * doubled, late; disks that keep what was synced and by chance a little more; nodes that die, stop and lose their
 * disks; clocks that jump. After each step the {@link Oracle} looks whether what was promised still holds.
 */
final class World {
    private record Event(long time, long order, SimNode on, int life, Runnable what, String label)
            implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final Random random;
    final long seed;
    final Setup setup;
    final List<SimNode> nodes = new ArrayList<>();
    final Oracle oracle;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Deque<String> history = new ArrayDeque<>();
    private final boolean[][] cut;
    final TreeMap<String, Integer> faults = new TreeMap<>();
    long now = 1_000_000;
    private long order;
    long steps;
    private double loss = 0.003;
    private double late = 0.01;
    private boolean chaos = true;
    int disksLost;
    private long ids;

    /** What a world is made of. */
    record Setup(Membership members, Rules rules, boolean empty, int disksThatMayBeLost) {
        /** Whether mail may be delivered twice: each of two nodes goes on alone. */
        boolean mayDouble() {
            return members.size() == 2 && !rules.leaseBeforeDot();
        }
    }

    World(long seed, Setup setup) {
        this.seed = seed;
        this.random = new Random(seed * 0x9E3779B97F4A7C15L + 17);
        this.setup = setup;
        this.oracle = new Oracle(this);
        List<String> names = new ArrayList<>(setup.members().mail());
        names.addAll(setup.members().witnesses());
        this.cut = new boolean[names.size()][names.size()];
        for (int i = 0; i < names.size(); i++) {
            nodes.add(new SimNode(this, i, names.get(i)));
        }
    }

    SimNode node(String name) {
        return nodes.stream().filter(n -> n.name.equals(name)).findFirst().orElseThrow();
    }

    MessageId id() {
        return new MessageId(0, ++ids);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    long between(long least, long most) {
        return least + (long) (random.nextDouble() * (most - least + 1));
    }

    /** Something that happens to a node, unless it is dead by then; a stopped node does it when it goes on. */
    void at(long delay, SimNode on, String label, Runnable what) {
        events.add(new Event(now + delay, order++, on, on.life, what, label));
    }

    /** Something that happens whatever becomes of the node. */
    void always(long delay, SimNode on, String label, Runnable what) {
        events.add(new Event(now + delay, order++, on, -1, what, label));
    }

    void note(String line) {
        history.addLast(now + " " + line);
        if (history.size() > 120) {
            history.removeFirst();
        }
    }

    /** What led here: seed and last steps. */
    String story() {
        return "seed " + seed + ", step " + steps + "\n" + String.join("\n", history);
    }

    private boolean step() {
        Event e = events.poll();
        if (e == null) {
            return false;
        }
        now = Math.max(now, e.time());
        if (e.life() >= 0 && (e.on().life != e.life() || !e.on().up)) {
            return true;
        }
        if (e.life() >= 0 && e.on().stoppedUntil > now) {
            events.add(new Event(e.on().stoppedUntil, order++, e.on(), e.life(), e.what(), e.label()));
            return true;
        }
        steps++;
        if (!e.label().isEmpty()) {
            note(e.on().name + " " + e.label());
        }
        e.what().run();
        oracle.check();
        return true;
    }

    // ---- the net ----

    long delay() {
        return chance(late) ? between(50, 12_000) : between(1, 4);
    }

    boolean passes(SimNode from, SimNode to) {
        return !cut[from.index][to.index] && !chance(loss);
    }

    // ---- the course of one episode ----

    /** Mail, faults, then peace until nothing is left. */
    void run() {
        nodes.forEach(SimNode::boot);
        long begin = now + (setup.empty() ? 25_000 : 3_000);
        until(begin);
        long end = now + between(40_000, 90_000);
        always(10, nodes.get(0), "", this::mail);
        always(between(500, 6_000), nodes.get(0), "", this::fault);
        always(between(500, 8_000), nodes.get(0), "", this::drain);
        until(end);
        heal();
        long last = now + 240_000;
        while (now < last && !drained()) {
            until(now + 2_000);
        }
        if (!drained()) {
            oracle.broken("I6 something is stuck: "
                    + nodes.stream().map(SimNode::stuck).toList());
        }
        oracle.finish();
    }

    private boolean drained() {
        return nodes.stream().allMatch(n -> n.up && n.idle());
    }

    private void until(long time) {
        while (!events.isEmpty() && events.peek().time() <= time && oracle.verdict == null) {
            step();
        }
        now = Math.max(now, time);
    }

    private void mail() {
        if (chaos) {
            SimNode n = nodes.get(random.nextInt(setup.members().mail().size()));
            if (n.up && n.stoppedUntil <= now) {
                if (chance(0.08)) {
                    n.deleteSomething();
                } else {
                    n.submit();
                }
            }
            always(between(100, 4_000), nodes.get(0), "", this::mail);
        }
    }

    /** A node leaves for a while; then it stays after all, or is started anew. */
    private void drain() {
        if (!chaos) {
            return;
        }
        always(between(1_000, 15_000), nodes.get(0), "", this::drain);
        SimNode n = nodes.get(random.nextInt(setup.members().mail().size()));
        if (n.up && n.stoppedUntil <= now) {
            count("drain");
            n.leave(true, chance(0.5));
            boolean ends = chance(0.5);
            always(between(500, 12_000), n, "", () -> {
                if (ends) {
                    down(n, between(500, 5_000));
                } else {
                    n.leave(false, false);
                }
            });
        }
    }

    private void heal() {
        chaos = false;
        loss = 0;
        late = 0;
        note("== peace ==");
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        for (SimNode n : nodes) {
            n.stoppedUntil = Math.min(n.stoppedUntil, now);
            n.leave(false, false);
            if (!n.up) {
                n.boot();
            }
        }
    }

    private void fault() {
        if (!chaos) {
            return;
        }
        always(between(300, 12_000), nodes.get(0), "", this::fault);
        SimNode n = nodes.get(random.nextInt(nodes.size()));
        SimNode other = nodes.get(random.nextInt(nodes.size()));
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
        } else if (dice < 42) {
            count("stop");
            stop(n, between(1_000, 25_000), false);
        } else if (dice < 50) {
            count("suspend");
            stop(n, between(1_000, 25_000), true);
        } else if (dice < 72) {
            boolean oneWay = chance(0.4);
            count(oneWay ? "cut one way" : "cut");
            cut(n, other, oneWay, between(500, 30_000));
        } else if (dice < 80) {
            count("isolated");
            long time = between(2_000, 30_000);
            nodes.forEach(x -> cut(n, x, false, time));
        } else if (dice < 85) {
            count("flapping");
            for (int i = 0; i < 6; i++) {
                always(i * 1_500L, n, "", () -> {
                    if (chaos) {
                        cut(n, other, false, 800);
                    }
                });
            }
        } else if (dice < 92) {
            count("clock jump");
            long jump = between(-100_000, 100_000);
            note(n.name + " wall clock jumps by " + jump);
            n.wallOffset += jump;
        } else if (dice < 96) {
            count("bad net");
            loss = 0.2;
            late = 0.2;
            always(between(2_000, 10_000), nodes.get(0), "net better", () -> {
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

    private void down(SimNode n, long time) {
        if (n.up) {
            n.crash();
            always(time, n, "", () -> {
                if (!n.up) {
                    n.boot();
                }
            });
        }
    }

    private void stop(SimNode n, long time, boolean suspended) {
        if (n.up && n.stoppedUntil <= now) {
            note(n.name + (suspended ? " suspended for " : " stopped for ") + time);
            n.stoppedUntil = now + time;
            if (suspended) {
                n.suspend(time);
            }
        }
    }

    private void cut(SimNode a, SimNode b, boolean oneWay, long time) {
        if (a == b) {
            return;
        }
        note("cut " + a.name + (oneWay ? " -> " : " -- ") + b.name + " for " + time);
        cut[a.index][b.index] = true;
        cut[b.index][a.index] |= !oneWay;
        always(time, a, "cut ends", () -> {
            cut[a.index][b.index] = false;
            cut[b.index][a.index] = false;
        });
    }
}
