// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthouse queue list}: messages in the order of arrival, page by page, so that memory does not grow with them. */
@Command(name = "list", description = "Messages in the order of arrival.")
final class QueueListCommand implements Callable<Integer> {
    private static final int LARGEST_PAGE = 1000;
    private static final List<String> TITLES =
            List.of("MESSAGE", "RECEIVED", "SIZE", "STATE", "DUE", "FROM", "TO", "LAST REPLY");
    /** Behind the message. */
    private static final int NODE_AT = 1;

    @Mixin
    private final ApiOptions options = new ApiOptions();

    @Mixin
    private final NodeOption node = new NodeOption();

    @Option(names = "--state", paramLabel = "STATE", description = "Only with a recipient in this state.")
    private String state = "";

    @Option(names = "--sender", paramLabel = "ADDRESS", description = "Only from this sender.")
    private String sender = "";

    @Option(names = "--recipient", paramLabel = "ADDRESS", description = "Only to this recipient.")
    private String recipient = "";

    @Option(names = "--limit", paramLabel = "N", description = "At most so many, by default 100.", defaultValue = "100")
    private int limit;

    @Option(names = "--all", description = "All of them.")
    private boolean all;

    @Override
    public Integer call() {
        return options.run((api, out) -> {
            long left = all ? Long.MAX_VALUE : limit;
            String cursor = "";
            boolean first = true;
            boolean nodes = false;
            if (options.json()) {
                out.print("{\"items\":[");
            }
            do {
                JsonNode page = api.get(path(cursor, (int) Math.min(left, LARGEST_PAGE)));
                node.note(page);
                nodes |= page.has("missing") || page.path("items").path(0).has("node");
                print(page.path("items"), first, nodes, out);
                left -= page.path("items").size();
                cursor = page.path("next").isTextual() ? page.path("next").asText() : "";
                // A page on which nothing fits has no item that a comma could follow.
                first &= options.json() && page.path("items").isEmpty();
            } while (left > 0 && !cursor.isEmpty());
            end(cursor, nodes, out);
            node.warn(options);
            return true;
        });
    }

    private String path(String cursor, int size) {
        return "/queue?limit=" + size
                + Paths.parameter("state", state)
                + Paths.parameter("sender", sender)
                + Paths.parameter("recipient", recipient)
                + Paths.parameter("cursor", cursor)
                + node.parameter();
    }

    private void print(JsonNode items, boolean first, boolean nodes, PrintWriter out) {
        if (options.json()) {
            String comma = first ? "" : ",";
            for (JsonNode item : items) {
                out.print(comma + item);
                comma = ",";
            }
            return;
        }
        List<String> titles = new ArrayList<>(TITLES);
        if (nodes) {
            titles.add(NODE_AT, "NODE");
        }
        Table table = new Table(titles.toArray(String[]::new));
        items.forEach(item -> row(table, item, nodes));
        table.print(out, first);
    }

    private void end(String cursor, boolean nodes, PrintWriter out) {
        if (options.json()) {
            String missing = node.missing().stream()
                    .map(name -> "\"" + name + "\"")
                    .collect(Collectors.joining(",", ",\"missing\":[", "]"));
            out.println(
                    "],\"next\":" + (cursor.isEmpty() ? "null" : "\"" + cursor + "\"") + (nodes ? missing : "") + "}");
        } else if (!cursor.isEmpty()) {
            out.println("… and more: --all or --limit N");
        }
    }

    private static void row(Table table, JsonNode item, boolean nodes) {
        int more = item.path("recipientCount").asInt() - 1;
        String first = item.path("recipients").path(0).asText();
        String host = item.path("lastHost").asText();
        List<String> cells = new ArrayList<>(List.of(
                item.path("id").asText(),
                Times.time(item.path("received")),
                item.path("size").asText(),
                states(item),
                Times.due(item.path("due")),
                sender(item.path("sender").asText()),
                more > 0 ? first + " +" + more : first,
                (host.isEmpty() ? "" : host + ": ") + item.path("lastReply").asText()));
        if (nodes) {
            cells.add(NODE_AT, item.path("node").asText());
        }
        table.row(cells.toArray(String[]::new));
    }

    private static String states(JsonNode item) {
        boolean alone = item.path("recipientCount").asInt() == 1;
        return item.path("states").properties().stream()
                .map(entry -> alone ? entry.getKey() : entry.getValue().asInt() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }

    static String sender(String address) {
        return address.isEmpty() ? "<>" : address;
    }
}
