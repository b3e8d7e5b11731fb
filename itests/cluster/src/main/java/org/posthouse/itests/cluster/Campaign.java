// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Strikes servers under load with one fault after the other, and after each one waits until all is well and accounts for all. */
@Command(
        name = "campaign",
        mixinStandardHelpOptions = true,
        subcommands = {Campaign.Summary.class, Campaign.Show.class},
        description = "Injects faults into servers in network namespaces and accounts for every message. Needs root.")
public final class Campaign implements Callable<Integer> {
    @Option(names = "--seed", defaultValue = "1", description = "What the faults follow from (${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(names = "--faults", defaultValue = "200", description = "How many (${DEFAULT-VALUE}).")
    int faults = 200;

    @Option(names = "--nodes", defaultValue = "3", description = "1 is a server without a cluster (${DEFAULT-VALUE}).")
    int nodes = 3;

    @Option(
            names = "--apart",
            description = "Several nodes that are no cluster: the account must find what that loses.")
    boolean apart;

    @Option(names = "--sessions", defaultValue = "8", description = "Sessions of the load per node (${DEFAULT-VALUE}).")
    int sessions = 8;

    @Option(
            names = "--kinds",
            split = ",",
            description = "Which faults; all that so many nodes can have: ${COMPLETION-CANDIDATES}.")
    List<Kind> kinds = new ArrayList<>();

    @Option(
            names = "--folder",
            description = "Where history, logs and disks go; itests/cluster/target/campaign-<seed>.")
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

    /** Prints all that is known of a letter. */
    @Command(
            name = "show",
            description = "Prints what history, logs and kept events say of a letter, such as hoig1x2k.")
    static final class Show implements Callable<Integer> {
        @CommandLine.Parameters(index = "0", paramLabel = "FOLDER")
        Path folder = Path.of(".");

        @CommandLine.Parameters(index = "1", paramLabel = "LETTER")
        String letter = "";

        @Override
        public Integer call() throws IOException {
            new Evidence(folder).print(letter, new PrintWriter(System.out, true));
            return 0;
        }
    }

    @Override
    public Integer call() throws IOException {
        Optional<String> missing = Ground.missing();
        if (missing.isPresent()) {
            out.println("skipped: " + missing.get());
            return 0;
        }
        Path root = property("posthouse.root");
        Path place = (folder == null ? root.resolve("itests/cluster/target/campaign-" + seed) : folder)
                .toAbsolutePath()
                .normalize();
        Files.createDirectories(place);
        Path file = place.resolve("history.jsonl");
        if (Files.exists(file) && !resume) {
            out.println(file + " is there: --resume goes on with it, or take another --folder");
            return 2;
        }
        Past past = new Past(account);
        if (Files.exists(file)) {
            History.mend(file);
            History.read(file, past::take);
        }
        try (History history = new History(file, account::take);
                Site site = new Site(property("posthouse.home"), root, place, nodes, !apart && nodes > 1, history);
                Load load = new Load(history, site.nodes, sessions)) {
            Thread atExit = new Thread(site::close);
            Runtime.getRuntime().addShutdownHook(atExit);
            Course course = new Course(site, history, load, account, new Evidence(place), out);
            course.begin(past);
            course.run(this::plan, faults, keepGoing);
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
        new Table(account).print(out);
        return account.findings().isEmpty() ? 0 : 1;
    }

    private static Path property(String name) {
        return Path.of(System.getProperty(name, ".")).toAbsolutePath().normalize();
    }

    private Plan plan(int number) {
        return Plan.of(seed, number, nodes, kinds.isEmpty() ? possible() : kinds);
    }

    private List<Kind> possible() {
        List<Kind> possible = new ArrayList<>(Kind.of(nodes));
        if (!Preload.clocks()) {
            possible.remove(Kind.CLOCK);
        }
        return possible;
    }
}
