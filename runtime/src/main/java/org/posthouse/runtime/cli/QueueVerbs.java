// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is done to messages: each command takes any number of them, and goes on after one that fails. */
final class QueueVerbs {
    private QueueVerbs() {}

    /** The messages and the reason. */
    static final class Messages {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Mixin
        private final NodeOption node = new NodeOption();

        @Parameters(paramLabel = "ID", arity = "1..*", description = "The messages.")
        private List<String> ids = List.of();

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; stands in log and queue.")
        private String reason = "";

        /** Asks for one message. */
        @FunctionalInterface
        interface Ask {
            JsonNode ask(ApiClient api, String path, String reason) throws ApiException;
        }

        /** Does it with each at the path of a verb; the query begins with {@code ?} or is empty. */
        int each(String done, String verb, String query, Ask ask) {
            return options.run((api, out) -> {
                boolean good = true;
                String parameters = query.isEmpty() ? node.onlyParameter() : query + node.parameter();
                for (String id : ids) {
                    try {
                        tell(ask.ask(api, "/queue/" + Paths.segment(id) + verb + parameters, reason), id, done, out);
                    } catch (ApiException e) {
                        options.complain(e);
                        good = false;
                    }
                }
                return good;
            });
        }

        private void tell(JsonNode answer, String id, String done, PrintWriter out) {
            int changed = answer.path("changed").asInt();
            String where = answer.has("node")
                    ? " at node " + Table.clean(answer.path("node").asText(), false)
                    : "";
            out.println(
                    options.json()
                            ? answer.toString()
                            : id + ": " + changed + (changed == 1 ? " recipient " : " recipients ") + done + where);
        }
    }

    /** {@code posthouse queue hold ID…}. */
    @Command(name = "hold", description = "Keeps messages until they are released.")
    static final class Hold implements Callable<Integer> {
        @Mixin
        private final Messages messages = new Messages();

        @Override
        public Integer call() {
            return messages.each("held", "/hold", "", ApiClient::post);
        }
    }

    /** {@code posthouse queue release ID…}. */
    @Command(name = "release", description = "Releases held messages; they are due at once.")
    static final class Release implements Callable<Integer> {
        @Mixin
        private final Messages messages = new Messages();

        @Override
        public Integer call() {
            return messages.each("released", "/release", "", ApiClient::post);
        }
    }

    /** {@code posthouse queue retry ID…}. */
    @Command(name = "retry", description = "Tries waiting messages at once.")
    static final class Retry implements Callable<Integer> {
        @Mixin
        private final Messages messages = new Messages();

        @Override
        public Integer call() {
            return messages.each("due at once", "/retry", "", ApiClient::post);
        }
    }

    /** {@code posthouse queue delete ID…}. */
    @Command(name = "delete", description = "Deletes messages for good.")
    static final class Delete implements Callable<Integer> {
        @Mixin
        private final Messages messages = new Messages();

        @Option(names = "--notice", description = "Tells the sender.")
        private boolean notice;

        @Override
        public Integer call() {
            return messages.each("deleted", "", "?notice=" + notice, ApiClient::delete);
        }
    }
}
