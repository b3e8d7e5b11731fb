// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.posthouse.testkit.server.Await;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Strikes servers under load with one fault after the other, and after each one waits until all is well and accounts for all. */
@Command(
        name = "campaign",
        mixinStandardHelpOptions = true,
        subcommands = Campaign.Summary.class,
        description = "Injects faults into servers in network namespaces and accounts for every message. Needs root.")
public final class Campaign implements Callable<Integer> {
    private static final Duration TRAFFIC = Duration.ofSeconds(60);
    private static final Duration DRAIN = Duration.ofSeconds(180);
    private static final long SECOND = 1_000_000_000;
    private static final int LETTERS_BEFORE = 20;

    @Option(names = "--seed", defaultValue = "1", description = "What the faults follow from (${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(names = "--faults", defaultValue = "200", description = "How many (${DEFAULT-VALUE}).")
    int faults = 200;

    @Option(names = "--nodes", defaultValue = "3", description = "1 is a server without a cluster (${DEFAULT-VALUE}).")
    int nodes = 3;

    @Option(names = "--apart", description = "Several nodes that are no cluster: the account must find what that loses.")
    boolean apart;

    @Option(names = "--sessions", defaultValue = "8", description = "Sessions of the load per node (${DEFAULT-VALUE}).")
    int sessions = 8;

    @Option(names = "--kinds", split = ",", description = "Which faults; all that so many nodes can have: ${COMPLETION-CANDIDATES}.")
    List<Kind> kinds = new ArrayList<>();

    @Option(names = "--folder", description = "Where history, logs and disks go; itests/cluster/target/campaign-<seed>.")
    @Nullable
    Path folder;

    @Option(names = "--resume", description = "Goes on with what the folder has; without it the folder must be new.")
    boolean resume;

    @Option(names = "--keep-going", description = "Begins anew with empty disks after a finding, instead of ending.")
    boolean keepGoing;

    private final PrintWriter out = new PrintWriter(System.out, true);
    private final Account account = new Account();

    /** What the command line starts. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Campaign()).execute(arguments));
    }

    /** Prints the table of a history again. */
    @Command(name = "summary", description = "Judges the history in a folder again and prints the table.")
    static final class Summary implements Callable<Integer> {
        @CommandLine.Parameters(paramLabel = "FOLDER")
        Path folder = Path.of(".");

        @Override
        public Integer call() throws IOException {
            Account account = new Account();
            History.read(folder.resolve("history.jsonl"), account::take);
            new Table(account).print(new PrintWriter(System.out, true));
            return account.findings().isEmpty() ? 0 : 1;
        }
    }

    @Override
    public Integer call() throws IOException {
        Optional<String> missing = Ground.missing();
        if (missing.isPresent()) {
            out.println("skipped: " + missing.get());
            return 0;
        }
        Path root = Path.of(System.getProperty("posthouse.root", ".")).toAbsolutePath().normalize();
        Path home = Path.of(System.getProperty("posthouse.home", "")).toAbsolutePath().normalize();
        Path place = folder == null ? root.resolve("itests/cluster/target/campaign-" + seed) : folder;
        Files.createDirectories(place);
        Path file = place.toAbsolutePath().normalize().resolve("history.jsonl");
        if (Files.exists(file) && !resume) {
            out.println(file + " is there: --resume goes on with it, or take another --folder");
            return 2;
        }
        Past past = new Past();
        if (Files.exists(file)) {
            History.mend(file);
            History.read(file, past::take);
        }
        try (History history = new History(file, account::take);
                Site site = new Site(home, root, file.getParent(), nodes, !apart && nodes > 1, history);
                Load load = new Load(history, site.nodes, sessions)) {
            Thread atExit = new Thread(site::close);
            Runtime.getRuntime().addShutdownHook(atExit);
            new Course(site, history, load, past).run();
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
        new Table(account).print(out);
        return account.findings().isEmpty() ? 0 : 1;
    }

    /** What an earlier driver left: its account, and when it ended. */
    private final class Past {
        long last;
        boolean open;

        void take(Entry entry) {
            account.take(entry);
            last = entry.at();
            open = !(entry instanceof Entry.Drained || entry instanceof Entry.Stuck || entry instanceof Entry.Renewed);
        }
    }

    /** The faults one after the other. */
    private final class Course {
        private final Site site;
        private final History history;
        private final Load load;
        private final Past past;
        private final List<Doubts> doubts;
        private final Mischief mischief;

        Course(Site site, History history, Load load, Past past) {
            this.site = site;
            this.history = history;
            this.load = load;
            this.past = past;
            this.doubts = site.nodes.stream().map(n -> new Doubts(n, history)).toList();
            this.mischief = new Mischief(site, doubts);
        }

        void run() {
            if (past.open) {
                history.write(new Entry.Broken(past.last, account.last()));
            }
            site.start();
            if (past.open) {
                settle(account.last());
            }
            List<Kind> all = kinds.isEmpty() ? Kind.of(nodes) : kinds;
            for (int number = account.last() + 1; number <= faults; number++) {
                int before = account.findings().size();
                strike(Plan.of(seed, number, nodes, all));
                if (account.findings().size() > before) {
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
                            () -> load.acknowledged(node) >= before + LETTERS_BEFORE);
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
    }

    private static List<String> names(List<Node> nodes) {
        return nodes.stream().map(n -> n.name).toList();
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
