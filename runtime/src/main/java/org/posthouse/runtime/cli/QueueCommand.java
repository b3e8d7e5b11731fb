// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.posthouse.runtime.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code posthouse queue …}: what waits, why, and what to do with it. */
@Command(
        name = "queue",
        description = "What waits, why, and what to do with it.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            QueueListCommand.class,
            QueueCommand.Show.class,
            QueueCommand.Counts.class,
            QueueCommand.Sites.class,
            QueueVerbs.Hold.class,
            QueueVerbs.Release.class,
            QueueVerbs.Retry.class,
            QueueVerbs.Delete.class
        })
final class QueueCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: list, show, counts, sites, hold, release, retry or delete");
    }

    /** {@code posthouse queue show ID}. */
    @Command(name = "show", description = "All that is known of a message.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Mixin
        private final NodeOption node = new NodeOption();

        @Parameters(paramLabel = "ID", description = "The message.")
        private String id = "";

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode message = api.get("/queue/" + Paths.segment(id) + node.onlyParameter());
                if (options.json()) {
                    out.println(message);
                    return true;
                }
                facts(message).forEach((name, value) -> {
                    if (!value.isEmpty()) {
                        out.println(name + ": " + " ".repeat(14 - name.length()) + Table.clean(value, false));
                    }
                });
                out.println();
                recipients(message).print(out, true);
                return true;
            });
        }

        private static Map<String, String> facts(JsonNode message) {
            JsonNode origin = message.path("origin");
            JsonNode routing = message.path("routing");
            List<String> tags = new ArrayList<>();
            routing.path("tags").forEach(tag -> tags.add(tag.asText()));
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("Message", text(message, "id"));
            facts.put("Received", text(message, "received"));
            facts.put(
                    "From",
                    QueueListCommand.sender(
                            message.path("sender").path("address").asText()));
            facts.put("Size", text(message, "size"));
            facts.put("Envelope id", message.path("sender").path("envelopeId").asText());
            facts.put("Listener", text(origin, "listener"));
            facts.put("Client", text(origin, "peer"));
            facts.put("HELO", text(origin, "helo"));
            facts.put("TLS", text(origin, "tls"));
            facts.put("User", text(origin, "user"));
            facts.put("Session", text(origin, "session"));
            facts.put("Tenant", text(routing, "tenant"));
            facts.put("Zone", text(routing, "zone"));
            facts.put("Priority", routing.path("priority").asInt() == 0 ? "" : text(routing, "priority"));
            facts.put("Tags", String.join(", ", tags));
            facts.put("Held because", text(routing, "holdReason"));
            facts.put("Judged by", text(message, "stamp"));
            facts.put("Node", text(message, "node"));
            return facts;
        }

        private static Table recipients(JsonNode message) {
            Table table = new Table("RECIPIENT", "STATE", "ATTEMPTS", "DUE", "HOST", "REPLY");
            for (JsonNode to : message.path("recipients")) {
                table.row(
                        text(to, "address"),
                        text(to, "state"),
                        text(to, "attempts"),
                        Times.due(to.path("due")),
                        text(to, "host"),
                        text(to, "reply"));
            }
            return table;
        }
    }

    /** {@code posthouse queue counts}. */
    @Command(name = "counts", description = "Messages, octets, and recipients by state.")
    static final class Counts implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Mixin
        private final NodeOption node = new NodeOption();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode counts = api.get("/queue/counts" + node.onlyParameter());
                node.note(counts);
                node.warn(options);
                if (options.json()) {
                    out.println(counts);
                    return true;
                }
                Table table = new Table("WHAT", "COUNT");
                table.row("messages", text(counts, "messages"));
                table.row("octets", text(counts, "octets"));
                counts.path("recipients")
                        .properties()
                        .forEach(state ->
                                table.row(state.getKey(), state.getValue().asText()));
                table.print(out, true);
                return true;
            });
        }
    }

    /** {@code posthouse queue sites}. */
    @Command(name = "sites", description = "What waits for and runs to each site, and why it pauses.")
    static final class Sites implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode sites = api.get("/queue/sites");
                if (options.json()) {
                    out.println(sites);
                    return true;
                }
                Table table = new Table("SITE", "WAITING", "CONNECTIONS", "PAUSE", "FACTS");
                for (JsonNode site : sites.path("sites")) {
                    table.row(
                            text(site, "name"),
                            text(site, "waiting"),
                            text(site, "connections"),
                            text(site, "pause"),
                            site.path("facts").properties().stream()
                                    .map(fact -> fact.getKey() + "="
                                            + fact.getValue().asText())
                                    .sorted()
                                    .collect(Collectors.joining(" ")));
                }
                table.print(out, true);
                return true;
            });
        }
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asText();
    }
}
