// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import java.util.List;
import picocli.CommandLine;

/** What an operator asks a running server, as the launcher hangs it into its command line. */
public final class OperatorCommands {
    private OperatorCommands() {}

    /** Whether the word behind a group of ours is a command of it, or none at all; others may be those of bundles. */
    public static boolean knows(CommandLine group, String... words) {
        return words.length < 2
                || words[1].startsWith("-")
                || !group.getCommandName().equals(ClusterCommand.NAME)
                || group.getSubcommands().containsKey(words[1]);
    }

    /** A command line for each group, named by its {@code @Command}. */
    public static List<CommandLine> all() {
        return List.of(
                new CommandLine(new QueueCommand()),
                new CommandLine(new PluginCommand()),
                new CommandLine(new PipelineCommand()),
                new CommandLine(new TraceCommand()),
                new CommandLine(new ShadowCommand()),
                new CommandLine(new ReplayCommand()),
                new CommandLine(new RecordCommand()),
                new CommandLine(new ClusterCommand()));
    }
}
