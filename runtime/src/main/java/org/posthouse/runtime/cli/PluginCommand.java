// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.posthouse.runtime.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code posthouse plugin …}: the plugins and their state. */
@Command(
        name = "plugin",
        description = "The plugins and their state.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PluginCommand.All.class,
            PluginShowCommand.class,
            PluginInstallCommand.class,
            PluginCommand.Disable.class,
            PluginCommand.Enable.class,
            PluginCommand.Rollback.class,
            PluginCommand.Remove.class,
            PluginCommand.Rollout.class
        })
final class PluginCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: list, show, install, disable, enable, rollback, remove or rollout");
    }

    /** {@code posthouse plugin list}. */
    @Command(name = "list", description = "Every plugin known: dropped in, expected, or both.")
    static final class All implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run((api, out) -> {
                JsonNode answer = api.get("/plugins");
                if (options.json()) {
                    out.println(answer);
                    return true;
                }
                Table table = new Table("PLUGIN", "VERSION", "STATE", "GENERATION", "HOOKS", "DETAIL");
                answer.path("plugins").forEach(plugin -> row(table, plugin));
                table.print(out, true);
                return true;
            });
        }

        private static void row(Table table, JsonNode plugin) {
            List<String> hooks = new ArrayList<>();
            plugin.path("hooks").forEach(hook -> hooks.add(hook.asText()));
            table.row(
                    plugin.path("name").asText(),
                    plugin.path("version").asText(),
                    plugin.path("state").asText(),
                    plugin.path("generation").asText(),
                    String.join(", ", hooks),
                    plugin.path("detail").asText());
        }
    }

    /** A plugin that is named. */
    static final class Named {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Parameters(paramLabel = "NAME", description = "The plugin.")
        private String name = "";

        @Option(names = "--everywhere", description = "On all members of the cluster.")
        private boolean everywhere;

        /** Asks for the plugin. */
        @FunctionalInterface
        interface Ask {
            JsonNode ask(ApiClient api, String path, String query) throws ApiException;
        }

        int run(Ask ask) {
            return run(ask, answer -> answer.path("done").asText());
        }

        int run(Ask ask, Function<JsonNode, String> words) {
            return options.run((api, out) -> {
                JsonNode answer = ask.ask(api, "/plugins/" + Paths.segment(name), everywhere ? "?scope=cluster" : "");
                if (everywhere) {
                    return new RolloutProgress(api, out, options.json()).follow(answer);
                }
                out.println(options.json() ? answer.toString() : Table.clean(name + ": " + words.apply(answer), false));
                return true;
            });
        }
    }

    /** {@code posthouse plugin disable NAME}. */
    @Command(name = "disable", description = "Its hooks are neither asked nor expected; its jar stays.")
    static final class Disable implements Callable<Integer> {
        @Mixin
        private final Named named = new Named();

        @Override
        public Integer call() {
            return named.run((api, path, query) -> api.post(path + "/disable" + query, ""));
        }
    }

    /** {@code posthouse plugin enable NAME}. */
    @Command(name = "enable", description = "It is asked again.")
    static final class Enable implements Callable<Integer> {
        @Mixin
        private final Named named = new Named();

        @Override
        public Integer call() {
            return named.run((api, path, query) -> api.post(path + "/enable" + query, ""));
        }
    }

    /** {@code posthouse plugin rollback NAME}. */
    @Command(name = "rollback", description = "Puts the jar that served before the one in force back.")
    static final class Rollback implements Callable<Integer> {
        @Mixin
        private final Named named = new Named();

        @Override
        public Integer call() {
            return named.run(
                    (api, path, query) -> api.post(path + "/rollback" + query, ""),
                    plugin -> "rolled back to version " + plugin.path("version").asText() + ", "
                            + Profiles.standing(plugin));
        }
    }

    /** {@code posthouse plugin remove NAME}. */
    @Command(name = "remove", description = "Deletes its jar; its hooks are expected no more.")
    static final class Remove implements Callable<Integer> {
        @Mixin
        private final Named named = new Named();

        @Override
        public Integer call() {
            return named.run((api, path, query) -> api.delete(path + query, ""));
        }
    }

    /** {@code posthouse plugin rollout}. */
    @Command(name = "rollout", description = "Follows the newest change on all members that the server leads, or led.")
    static final class Rollout implements Callable<Integer> {
        @Mixin
        private final ApiOptions options = new ApiOptions();

        @Override
        public Integer call() {
            return options.run(
                    (api, out) -> new RolloutProgress(api, out, options.json()).follow(api.get("/plugins/rollout")));
        }
    }
}
