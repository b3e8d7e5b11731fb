// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code posthouse trace ID}: what every hook said of a message or session, and what happened to it afterwards. */
@Command(
        name = "trace",
        description = "What every hook said of a message or session, and what happened to it afterwards.",
        subcommands = {
            TraceCommand.All.class,
            TraceCommand.Watch.class,
            TraceCommand.Watches.class,
            TraceCommand.Unwatch.class,
            TraceCommand.Stored.class
        })
final class TraceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final ApiOptions options = new ApiOptions();

    @Parameters(paramLabel = "ID", arity = "0..1", description = "The message or session.")
    private String id = "";

    @Override
    public Integer call() {
        if (id.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "an id or a command is missing: list, watch, watches, unwatch or stored");
        }
        return options.run((api, out) -> {
            JsonNode trace = api.get("/traces/" + Paths.segment(id));
            if (options.json()) {
                out.println(trace);
            } else {
                Timeline.print(trace, out);
            }
            return true;
        });
    }

    /** {@code posthouse trace list}. */
    @Command(name = "list", description = "The newest traces first.")
    static final class All implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "At most so many, by default 50.",
                defaultValue = "50")
        private int limit;

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode answer = api.get("/traces?limit=" + limit);
                if (options.json()) {
                    out.println(answer);
                    return true;
                }
                Table table = new Table("BEGUN", "MESSAGE", "SESSION", "CLIENT", "FROM", "TO", "HOOKS ms", "DECISION");
                answer.path("traces").forEach(trace -> row(table, trace));
                table.print(out, true);
                return true;
            });
        }

        private static void row(Table table, JsonNode trace) {
            JsonNode facts = trace.path("facts");
            table.row(
                    Times.time(trace.path("begun")),
                    trace.path("id").asText(),
                    trace.path("session").asText(),
                    facts.path("peer").asText(),
                    facts.path("sender").asText(),
                    facts.path("recipients").asText(),
                    String.format(Locale.ROOT, "%.3f", trace.path("micros").asLong() / 1000.0),
                    trace.path("decision").asText());
        }
    }

    /** {@code posthouse trace watch}. */
    @Command(name = "watch", description = "Stores the traces of the next transactions that fit.")
    static final class Watch implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Option(names = "--sender", paramLabel = "ADDRESS", description = "From this address or @domain.")
        private String sender = "";

        @Option(names = "--recipient", paramLabel = "ADDRESS", description = "To this address or @domain.")
        private String recipient = "";

        @Option(names = "--peer", paramLabel = "NET", description = "From this IP address or network.")
        private String peer = "";

        @Option(names = "--count", paramLabel = "N", description = "So many, by default 1.", defaultValue = "1")
        private int count;

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode watch = api.post(
                        "/traces/watches",
                        ApiClient.object()
                                .put("sender", sender)
                                .put("recipient", recipient)
                                .put("peer", peer)
                                .put("count", count));
                out.println(
                        options.json()
                                ? watch.toString()
                                : "Watch " + watch.path("id").asText()
                                        + " waits; 'posthouse trace stored' lists what it stored");
                return true;
            });
        }
    }

    /** {@code posthouse trace watches}. */
    @Command(name = "watches", description = "The watches that still wait.")
    static final class Watches implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode answer = api.get("/traces/watches");
                if (options.json()) {
                    out.println(answer);
                    return true;
                }
                Table table = new Table("WATCH", "SINCE", "SENDER", "RECIPIENT", "CLIENT", "WANTED", "STORED");
                for (JsonNode watch : answer.path("watches")) {
                    table.row(
                            watch.path("id").asText(),
                            Times.time(watch.path("since")),
                            watch.path("sender").asText(),
                            watch.path("recipient").asText(),
                            watch.path("peer").asText(),
                            watch.path("count").asText(),
                            watch.path("stored").asText());
                }
                table.print(out, true);
                return true;
            });
        }
    }

    /** {@code posthouse trace unwatch WATCH}. */
    @Command(name = "unwatch", description = "Ends a watch; what it stored stays.")
    static final class Unwatch implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Parameters(paramLabel = "WATCH", description = "The watch.")
        private String watch = "";

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode answer = api.delete("/traces/watches/" + Paths.segment(watch), "");
                out.println(options.json() ? answer.toString() : Table.clean("Watch " + watch + " ended", false));
                return true;
            });
        }
    }

    /** {@code posthouse trace stored}. */
    @Command(name = "stored", description = "The messages whose traces a watch stored, newest first.")
    static final class Stored implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode answer = api.get("/traces/stored");
                if (options.json()) {
                    out.println(answer);
                } else {
                    answer.path("stored").forEach(id -> out.println(Table.clean(id.asText(), false)));
                }
                return true;
            });
        }
    }
}
