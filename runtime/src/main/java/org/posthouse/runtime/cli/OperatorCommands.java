// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import java.util.List;
import picocli.CommandLine;

/** The groups {@code plugin}, {@code pipeline} and {@code queue}, as the launcher hangs them into its command line. */
public final class OperatorCommands {
    private OperatorCommands() {}

    /** A command line for each group, named by its {@code @Command}. */
    public static List<CommandLine> all() {
        return List.of(
                new CommandLine(new QueueCommand()),
                new CommandLine(new PluginCommand()),
                new CommandLine(new PipelineCommand()));
    }
}
