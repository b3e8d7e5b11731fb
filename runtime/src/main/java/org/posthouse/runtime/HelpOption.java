// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import picocli.CommandLine.Option;

/** The option {@code --help} of a command that has no configuration options, in the words that all commands use. */
public final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;
}
