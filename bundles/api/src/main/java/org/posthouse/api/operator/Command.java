// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.operator;

import java.util.List;

/**
 * A command that a plugin brings: {@code posthouse GROUP NAME …} on the command line, {@code POST
 * /api/v1/commands/GROUP/NAME} over REST, a form on the page of its group in the console.
 *
 * <p>Runs on a virtual thread of the core, which waits 30 s at most. While two generations of a plugin stand side by side
 * the newer one is asked.
 */
public interface Command {
    /** The group, lower case with hyphens; by convention the name of the plugin or of what it keeps, such as {@code user}. */
    String group();

    /** The name within the group, lower case with hyphens. */
    String name();

    /** What it does, in one sentence. */
    String help();

    /** What it takes, in the order of the command line; none by default. */
    default List<Parameter> parameters() {
        return List.of();
    }

    /** Whether it changes anything; such a command is written to the log with its caller. */
    boolean changes();

    /**
     * Runs it.
     *
     * @param arguments checked against {@link #parameters()}
     * @return what the operator is shown
     * @throws CommandException when it could not be done; the message is shown to the operator
     */
    Table run(Arguments arguments) throws CommandException;

    /**
     * A parameter.
     *
     * @param name lower case with hyphens
     * @param kind what it takes
     * @param required whether the command is refused without it
     * @param help what it means, in one sentence
     */
    record Parameter(String name, Kind kind, boolean required, String help) {
        /** A text that must be given. */
        public static Parameter required(String name, String help) {
            return new Parameter(name, Kind.TEXT, true, help);
        }

        /** A text that may be given as {@code --name VALUE}. */
        public static Parameter optional(String name, String help) {
            return new Parameter(name, Kind.TEXT, false, help);
        }

        /** A secret: asked for at the terminal without an echo, or read from standard input; never an argument, never in a log. */
        public static Parameter secret(String name, String help) {
            return new Parameter(name, Kind.SECRET, true, help);
        }

        /** An option without a value, {@code --name}. */
        public static Parameter flag(String name, String help) {
            return new Parameter(name, Kind.FLAG, false, help);
        }

        /** A list: {@code --name} may stand more than once. */
        public static Parameter list(String name, String help) {
            return new Parameter(name, Kind.LIST, false, help);
        }
    }

    /** What a parameter takes. */
    enum Kind {
        /** One text. */
        TEXT,
        /** One text that nobody else may see. */
        SECRET,
        /** Any number of texts. */
        LIST,
        /** Present or not. */
        FLAG
    }
}
