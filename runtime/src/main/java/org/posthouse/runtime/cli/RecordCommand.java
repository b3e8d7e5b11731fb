// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.posthouse.runtime.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code posthouse record …}: records transactions, to be replayed later. */
@Command(
        name = "record",
        description = "Records transactions, to be replayed later.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {RecordCommand.Start.class, RecordCommand.Stop.class, RecordCommand.Status.class})
final class RecordCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a command is missing: start, stop or status");
    }

    /** {@code posthouse record start NAME}. */
    @Command(name = "start", description = "Records transactions from now on.")
    static final class Start implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Parameters(paramLabel = "NAME", description = "The name of the recording.")
        private String name = "";

        @Option(
                names = "--percent",
                paramLabel = "N",
                description = "Of how many transactions, by default 100.",
                defaultValue = "100")
        private int percent;

        @Option(names = "--bodies", description = "Also the bodies, up to 1 MB each.")
        private boolean bodies;

        @Option(
                names = "--count",
                paramLabel = "N",
                description = "Ends by itself after so many, by default 10000.",
                defaultValue = "10000")
        private int count;

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode started = api.post(
                        "/recordings",
                        ApiClient.object()
                                .put("name", name)
                                .put("percent", percent)
                                .put("bodies", bodies)
                                .put("count", count));
                out.println(options.json() ? started.toString() : "Recording " + words(started));
                return true;
            });
        }
    }

    /** {@code posthouse record stop}. */
    @Command(name = "stop", description = "Ends the recording; what was recorded stays.")
    static final class Stop implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode ended = api.delete("/recordings", "");
                boolean ran = ended.path("running").asBoolean();
                out.println(
                        options.json()
                                ? ended.toString()
                                : ran ? "Ended: " + words(ended) : "Nothing was being recorded");
                return true;
            });
        }
    }

    /** {@code posthouse record status}. */
    @Command(name = "status", description = "What is being recorded.")
    static final class Status implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode now = api.get("/recordings");
                boolean runs = now.path("running").asBoolean();
                out.println(
                        options.json()
                                ? now.toString()
                                : runs ? "Recording " + words(now) : "Nothing is being recorded");
                return true;
            });
        }
    }

    private static String words(JsonNode recording) {
        return Table.clean(
                recording.path("name").asText() + ": "
                        + recording.path("percent").asText() + " % of transactions, "
                        + (recording.path("bodies").asBoolean() ? "with" : "without") + " bodies, "
                        + recording.path("count").asText() + " at most",
                false);
    }
}
