// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.posthouse.runtime.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code posthouse cluster config …}: the files of the configuration that all members have in common. */
@Command(
        name = "config",
        description = "The files of the configuration that are the same on all members.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ClusterConfigCommand.Apply.class, ClusterConfigCommand.Diff.class})
final class ClusterConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a command is missing: apply or diff");
    }

    /** {@code posthouse cluster config apply FILE…}. */
    @Command(name = "apply", description = "Puts files in force on all members, or on none.")
    static final class Apply implements Callable<Integer> {
        /** These are named as they stand; any other file is the one of the plugin of that name. */
        private static final Set<String> LAYERS =
                Set.of("default.yaml", "posthouse.yaml", "local.yaml", "override.yaml", "secrets.yaml");

        private static final String PLUGINS = "plugins/";
        private static final String SUFFIX = ".yaml";

        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Parameters(paramLabel = "FILE", arity = "0..*", description = "default.yaml, or NAME.yaml of the plugin NAME.")
        private List<Path> files = new ArrayList<>();

        @Option(names = "--remove", paramLabel = "NAME", description = "The plugin whose file shall go.")
        private List<String> removed = new ArrayList<>();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode answer = api.postLarge("/cluster/config", change());
                if (options.json()) {
                    out.println(answer);
                } else {
                    Table table =
                            new Table("NODE", "CHANGE " + answer.path("id").asText());
                    answer.path("nodes")
                            .properties()
                            .forEach(node ->
                                    table.row(node.getKey(), node.getValue().asText()));
                    table.print(out, true);
                }
                return answer.path("nodes").properties().stream()
                        .allMatch(node -> node.getValue().asText().equals("in force"));
            });
        }

        private ObjectNode change() throws ApiException {
            ObjectNode change = ApiClient.object();
            ObjectNode texts = change.putObject("files");
            for (Path file : files) {
                String name = name(file);
                if (texts.has(name)) {
                    throw new ApiException(name + " is named twice");
                }
                texts.put(name, text(file));
            }
            ArrayNode names = change.putArray("remove");
            removed.forEach(name -> names.add(removed(name)));
            return change;
        }

        private static String name(Path file) {
            String name = String.valueOf(file.getFileName());
            Path parent = file.toAbsolutePath().getParent();
            boolean layer = LAYERS.contains(name) && (parent == null || !parent.endsWith("plugins"));
            return layer ? name : PLUGINS + name;
        }

        private static String removed(String name) {
            if (LAYERS.contains(name) || name.startsWith(PLUGINS)) {
                return name;
            }
            return PLUGINS + name + (name.endsWith(SUFFIX) ? "" : SUFFIX);
        }

        private static String text(Path file) throws ApiException {
            try {
                return Files.readString(file);
            } catch (CharacterCodingException e) {
                throw new ApiException(file + " is not UTF-8");
            } catch (IOException e) {
                throw new ApiException("There is no file " + file + " that can be read");
            }
        }
    }

    /** {@code posthouse cluster config diff}. */
    @Command(
            name = "diff",
            description =
                    "Which files of the other members differ from those of the server that is asked; status 1 when any does.")
    static final class Diff implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode members = api.get("/cluster/config");
                boolean same = true;
                Table table = new Table("NODE", "CONFIG", "FILE", "THERE", "DETAIL");
                for (JsonNode member : members.path("members")) {
                    same &= member.path("state").asText().equals("same")
                            && member.path("detail").asText().isEmpty();
                    rows(table, member);
                }
                if (options.json()) {
                    out.println(members);
                } else {
                    table.print(out, true);
                }
                return same;
            });
        }

        private static void rows(Table table, JsonNode member) {
            String node = member.path("node").asText();
            String state = member.path("state").asText();
            String detail = member.path("detail").asText();
            if (member.path("files").isEmpty()) {
                table.row(node, state, "", "", detail);
            }
            for (Map.Entry<String, JsonNode> file : member.path("files").properties()) {
                table.row(node, state, file.getKey(), file.getValue().asText(), detail);
            }
        }
    }
}
