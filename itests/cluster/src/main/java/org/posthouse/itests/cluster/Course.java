// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.posthouse.testkit.server.Await;

/** The faults one after the other: each begins when all is well, and is over when all is well again or will not be. */
final class Course {
    private static final Duration TRAFFIC = Duration.ofSeconds(120);
    private static final Duration DRAIN = Duration.ofSeconds(180);
    private static final long SECOND = 1_000_000_000;
    /** So many must get through each node before a fault, and again after it. */
    private static final int LETTERS = 20;

    private final Site site;
    private final History history;
    private final Load load;
    private final Account account;
    private final Evidence evidence;
    private final PrintWriter out;
    private final List<Doubts> doubts;
    private final Mischief mischief;

    Course(Site site, History history, Load load, Account account, Evidence evidence, PrintWriter out) {
        this.site = site;
        this.history = history;
        this.load = load;
        this.account = account;
        this.evidence = evidence;
        this.out = out;
        this.doubts = site.nodes.stream().map(n -> new Doubts(n, history)).toList();
        this.mischief = new Mischief(site, doubts);
    }

    /** Starts the nodes; what an earlier driver left open comes to its end first. */
    void begin(Past past) {
        if (past.open()) {
            history.write(new Entry.Broken(past.last(), account.last()));
        }
        site.start();
        if (past.open()) {
            settle(account.last());
        }
    }

    /** Goes on up to this fault, or to one that something is found after. */
    void run(IntFunction<Plan> plans, int faults, boolean keepGoing) throws IOException {
        for (int number = account.last() + 1; number <= faults; number++) {
            int before = account.findings().size();
            strike(plans.apply(number));
            if (account.findings().size() > before) {
                for (Node node : site.nodes) {
                    evidence.keep(number, node);
                }
                if (!keepGoing) {
                    return;
                }
                renew();
            }
        }
    }

    private void strike(Plan plan) {
        String how = plan.kind().words + ", " + plan.who() + ", " + plan.seconds() + " s";
        out.printf("%d %s: ", plan.number(), how);
        out.flush();
        load.go();
        if (!flows(plan.number(), "before")) {
            return;
        }
        List<Node> victims = plan.victims().stream().map(site::node).toList();
        history.write(new Entry.Struck(now(), plan.number(), plan.kind(), names(victims), how));
        mischief.commit(plan);
        if (up(plan.number()) && flows(plan.number(), "after")) {
            settle(plan.number());
        }
        report();
    }

    /** All nodes take mail again; otherwise that is the finding. */
    private boolean up(int fault) {
        try {
            site.start();
            return true;
        } catch (AssertionError e) {
            stuck(fault, "all", String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** Every node acknowledges letters; otherwise that is the finding. */
    private boolean flows(int fault, String when) {
        for (Node node : site.nodes) {
            long before = load.acknowledged(node);
            try {
                Await.until(
                        "mail through " + node.name + " " + when + " the fault, see " + node.log(),
                        TRAFFIC,
                        () -> load.acknowledged(node) >= before + LETTERS);
            } catch (AssertionError e) {
                stuck(fault, node.name, String.valueOf(e.getMessage()));
                return false;
            }
        }
        return true;
    }

    private void settle(int fault) {
        load.pause();
        history.write(new Entry.Healed(now(), fault));
        long end = System.nanoTime() + DRAIN.toNanos();
        Node full = firstWithMail();
        while (full != null && System.nanoTime() < end) {
            LockSupport.parkNanos(SECOND / 5);
            full = firstWithMail();
        }
        doubts.forEach(Doubts::collect);
        if (full == null) {
            history.write(new Entry.Drained(now(), fault));
        } else {
            history.write(new Entry.Stuck(now(), fault, full.name, queue(full)));
        }
    }

    private void stuck(int fault, String node, String how) {
        load.pause();
        doubts.forEach(Doubts::collect);
        history.write(new Entry.Stuck(now(), fault, node, how));
    }

    /** A node whose queue is not empty, twice in a row over half a second, so that its event log is written too. */
    private @Nullable Node firstWithMail() {
        for (int look = 0; look < 2; look++) {
            for (Node node : site.nodes) {
                if (!empty(node)) {
                    return node;
                }
            }
            LockSupport.parkNanos(SECOND / 2);
        }
        return null;
    }

    private boolean empty(Node node) {
        try {
            return node.messages() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private String queue(Node node) {
        try {
            return node.messages() + " messages, such as " + node.queue();
        } catch (IOException e) {
            return "does not tell its queue: " + e;
        }
    }

    private void report() {
        Round round = account.rounds().getLast();
        out.printf(
                "%d accepted, %d doubled (%d said), takeover %d ms, drained in %d ms%s%n",
                round.acknowledged,
                round.doubled,
                round.said,
                round.takeover,
                round.drain,
                round.flaws.isEmpty() ? "" : ", " + round.flaws);
    }

    private void renew() {
        site.nodes.forEach(Node::kill);
        site.nodes.forEach(n -> n.disk.replace());
        doubts.forEach(Doubts::restart);
        site.net.healAll();
        site.nodes.forEach(n -> n.preload.heal());
        history.write(new Entry.Renewed(now()));
        site.start();
    }

    private static List<String> names(List<Node> nodes) {
        return nodes.stream().map(n -> n.name).toList();
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
