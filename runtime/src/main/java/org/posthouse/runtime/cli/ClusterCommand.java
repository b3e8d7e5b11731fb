// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.posthouse.runtime.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code posthouse cluster …}: bringing a server to rest, and starting servers anew. Other commands of this group are those
 * of the cluster's bundle.
 */
@Command(
        name = ClusterCommand.NAME,
        description = "Brings a server to rest, starts servers anew, configures all members; in a cluster also status.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ClusterCommand.Drain.class, ClusterCommand.Restart.class, ClusterConfigCommand.class})
final class ClusterCommand implements Callable<Integer> {
    static final String NAME = "cluster";

    private static final Duration LOOK = Duration.ofMillis(300);

    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: drain, restart or config, or status of a member of a cluster");
    }

    private static void pause() throws ApiException {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException("Interrupted");
        }
    }

    /** {@code posthouse cluster drain}. */
    @Command(
            name = "drain",
            description = "Brings this server to rest: no new mail, no new deliveries; others own what it owned.")
    static final class Drain implements Callable<Integer> {
        private static final String PATH = "/cluster/drain";

        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Option(
                names = "--wait",
                paramLabel = "SECONDS",
                description = "Waits so long until nothing is open; fails when something still is.")
        private int seconds;

        @Option(names = "--end", description = "Takes it back: mail comes in and goes out again.")
        private boolean end;

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                if (end) {
                    return print(api.delete(PATH, ""), out);
                }
                long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
                JsonNode now = api.post(PATH, "");
                while (!drained(now) && System.nanoTime() - deadline < 0) {
                    pause();
                    now = api.get(PATH);
                }
                return print(now, out) && (seconds == 0 || drained(now));
            });
        }

        private static boolean drained(JsonNode progress) {
            return progress.path("phase").asText().equals("drained");
        }

        private boolean print(JsonNode progress, PrintWriter out) {
            if (options.json()) {
                out.println(progress);
                return true;
            }
            out.println(
                    switch (progress.path("phase").asText()) {
                        case "open" -> "Not draining: mail comes in and goes out";
                        case "drained" -> "Drained: it can be stopped";
                        default -> "Draining since " + Times.time(progress.path("since"));
                    });
            progress.path("left").forEach(left -> out.println(Table.clean("  " + left.asText(), false)));
            return true;
        }
    }

    /** {@code posthouse cluster restart}. */
    @Command(
            name = "restart",
            description =
                    "Starts all members anew, one after the other and the asked one last; or one; or this server.")
    static final class Restart implements Callable<Integer> {
        private static final String PATH = "/cluster/restart";
        /** So long a server may be away that was asked to start anew. */
        private static final Duration AWAY = Duration.ofMinutes(6);

        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Option(names = "--node", paramLabel = "NAME", description = "This member alone.")
        private @Nullable String node;

        @Option(
                names = "--drain",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description = "How long each may drain, by default 60; then it stops all the same.")
        private int drainSeconds;

        @Option(names = "--no-wait", description = "Does not wait for the end.")
        private boolean hurried;

        private final Map<String, String> shown = new HashMap<>();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                ObjectNode order = ApiClient.object().put("drainSeconds", drainSeconds);
                if (node != null) {
                    order.put("node", node);
                }
                JsonNode before = api.get(PATH).path("node");
                JsonNode begun = api.post(PATH, order);
                boolean other = node != null && !node.equals(before.path("name").asText());
                if (hurried || other) {
                    out.println(
                            options.json()
                                    ? begun.toString()
                                    : "Begun; 'posthouse cluster status' shows when a new life of it is heard");
                    return true;
                }
                return await(api, out, before);
            });
        }

        /** The server that is asked goes away itself in the end: it is done when another start of it is ready. */
        private boolean await(ApiClient api, PrintWriter out, JsonNode before) throws ApiException {
            String name = before.path("name").asText();
            long seen = System.nanoTime();
            while (true) {
                pause();
                JsonNode now;
                try {
                    now = api.get(PATH);
                } catch (ApiException away) {
                    if (System.nanoTime() - seen > AWAY.toNanos()) {
                        throw away;
                    }
                    continue;
                }
                JsonNode self = now.path("node");
                if (self.path("startedAt").asLong() > before.path("startedAt").asLong()) {
                    if (self.path("ready").asBoolean() && self.path("leased").asBoolean()) {
                        show(out, name, "done", "Back");
                        return true;
                    }
                    if (System.nanoTime() - seen > AWAY.toNanos()) {
                        throw new ApiException("It has started anew, and is not ready: "
                                + self.path("why").asText());
                    }
                    continue;
                }
                seen = System.nanoTime();
                JsonNode rolling = now.path("rolling");
                for (JsonNode step : rolling.path("steps")) {
                    show(
                            out,
                            step.path("node").asText(),
                            step.path("state").asText(),
                            step.path("detail").asText());
                }
                if (rolling.path("state").asText().equals("failed")) {
                    return false;
                }
            }
        }

        private void show(PrintWriter out, String name, String state, String detail) {
            String line =
                    (name.isEmpty() ? "this server" : name) + ": " + state + (detail.isEmpty() ? "" : ": " + detail);
            if (!state.equals("waiting") && !line.equals(shown.put(name, line))) {
                out.println(Table.clean(line, false));
                out.flush();
            }
        }
    }
}
