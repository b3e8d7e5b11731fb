// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import org.jspecify.annotations.Nullable;

/** What one SMTP verb does. */
@FunctionalInterface
interface Command {
    /**
     * Does it.
     *
     * @param argument what stands behind the verb, octets as ISO 8859-1; null when nothing does
     */
    Answer run(Dialogue dialogue, @Nullable String argument);

    /** A command that is refused when it comes with an argument (RFC 5321 4.1.1). */
    static Command bare(String verb, Command command) {
        return (dialogue, argument) ->
                argument == null ? command.run(dialogue, null) : Answer.of(501, "5.5.4", verb + " takes no argument");
    }
}
