// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Does what a plan says, for as long as it says, and undoes it. */
final class Mischief {
    private static final long SECOND = 1_000_000_000;
    /** Less than {@code spool.minFree}, more than nothing. */
    private static final long TIGHT = 24L << 20;

    private final Site site;
    private final List<Doubts> doubts;

    /** @param doubts by node */
    Mischief(Site site, List<Doubts> doubts) {
        this.site = site;
        this.doubts = doubts;
    }

    /** Returns when the fault is over; what was killed may still be starting. */
    void commit(Plan plan) {
        Random random = new Random(plan.dice());
        List<Node> victims = plan.victims().stream().map(site::node).toList();
        Node first = victims.getFirst();
        switch (plan.kind()) {
            case KILL, KILL_TWO, KILL_ALL -> kill(victims, plan);
            case REPLACE -> replace(first, plan);
            case PAUSE -> {
                first.signal("STOP");
                last(plan);
                first.signal("CONT");
            }
            case CUT -> {
                others(first).forEach(o -> site.net.cut(first.number, o.number));
                last(plan);
                site.net.healAll();
            }
            case CUT_PAIR -> {
                site.net.cut(first.number, victims.getLast().number);
                last(plan);
                site.net.healAll();
            }
            case CUT_ONE_WAY -> {
                others(first).forEach(o -> site.net.deafen(first.number, o.number));
                last(plan);
                site.net.healAll();
            }
            case FLAP -> flap(plan, random);
            case RETURN -> {
                site.net.plug(first.number, false);
                last(plan);
                site.net.plug(first.number, true);
            }
            case DISK_FULL -> fill(first, plan);
            case DISK_SLOW -> sicken(first, "slow-sync", plan);
            case DISK_FAILING -> sicken(first, random.nextBoolean() ? "eio-sync" : "eio-write", plan);
            case CLOCK -> {
                int seconds = random.nextInt(3) == 0 ? 3600 : 5 + random.nextInt(60);
                first.preload.clock(random.nextBoolean() ? seconds : -seconds);
                last(plan);
                first.preload.clock(0);
            }
        }
    }

    private List<Node> others(Node node) {
        return site.nodes.stream().filter(n -> n != node).toList();
    }

    private static void last(Plan plan) {
        LockSupport.parkNanos(plan.seconds() * SECOND);
    }

    private static void kill(List<Node> victims, Plan plan) {
        victims.forEach(n -> n.signal("KILL"));
        victims.forEach(Node::kill);
        last(plan);
        victims.forEach(Node::start);
    }

    private void replace(Node node, Plan plan) {
        node.kill();
        Doubts own = doubts.get(node.number - 1);
        own.collect();
        node.disk.replace();
        own.restart();
        last(plan);
        node.start();
    }

    /** Each moment one link of three changes. */
    private void flap(Plan plan, Random random) {
        long end = System.nanoTime() + plan.seconds() * SECOND;
        while (System.nanoTime() < end) {
            int one = 1 + random.nextInt(site.nodes.size());
            int other = 1 + (one + random.nextInt(site.nodes.size() - 1)) % site.nodes.size();
            switch (random.nextInt(3)) {
                case 0 -> site.net.cut(one, other);
                case 1 -> site.net.deafen(one, other);
                default -> site.net.heal(one, other);
            }
            LockSupport.parkNanos(SECOND / 2 + random.nextLong(3 * SECOND));
        }
        site.net.healAll();
    }

    /** First tight, then full; what is given back is taken again. */
    private static void fill(Node node, Plan plan) {
        long start = System.nanoTime();
        long end = start + plan.seconds() * SECOND;
        for (long now = start; now < end; now = System.nanoTime()) {
            node.disk.fill(now - start < plan.seconds() * SECOND / 3 ? TIGHT : 0);
            LockSupport.parkNanos(SECOND / 10);
        }
        node.disk.free();
    }

    private static void sicken(Node node, String mood, Plan plan) {
        node.preload.disk(mood);
        last(plan);
        node.preload.disk("ok");
    }
}
