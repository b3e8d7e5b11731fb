// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.util.concurrent.Callable;
import org.posthouse.config.load.ConfigCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code posthouse config check} and {@code posthouse config show}: both offline. */
@Command(
        name = "config",
        description = "Checks or shows the configuration, without a running server.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ConfigCommands.Check.class, ConfigCommands.Show.class})
final class ConfigCommands implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a command is missing: check or show");
    }

    /** {@code posthouse config check}. */
    @Command(name = "check", description = "Checks every file; exit status 78 when something is refused.")
    static final class Check implements Callable<Integer> {
        @Mixin
        private final ConfigOptions options = new ConfigOptions();

        @Override
        public Integer call() {
            return ConfigCommand.checkAll(options.request(Home.fromSystem()), System.out);
        }
    }

    /** {@code posthouse config show}. */
    @Command(name = "show", description = "Prints the values in force, defaults included.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private final ConfigOptions options = new ConfigOptions();

        @Option(names = "--origin", description = "Also says where each value comes from.")
        private boolean origin;

        @Override
        public Integer call() {
            return ConfigCommand.show(options.request(Home.fromSystem()), origin, System.out);
        }
    }
}
