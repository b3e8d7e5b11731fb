// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The person in front of the command line, if there is one. */
interface Terminal {
    /** The terminal of this process. */
    Terminal OWN = new Terminal() {
        @Override
        public boolean present() {
            return System.console() != null;
        }

        @Override
        public @Nullable String ask(String question) {
            Console console = System.console();
            return console == null ? null : console.readLine("%s", question);
        }

        @Override
        public @Nullable String secret(String question) {
            Console console = System.console();
            char[] typed = console == null ? null : console.readPassword("%s", question);
            return typed == null ? null : new String(typed);
        }

        @Override
        public @Nullable String input() throws IOException {
            return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        }
    };

    /** Whether there is one. */
    boolean present();

    /** Asks a question; null when the input ended. */
    @Nullable
    String ask(String question);

    /** Asks for a secret without an echo; null when the input ended. */
    @Nullable
    String secret(String question);

    /** The next line of standard input, where that is no terminal; null when it ended. */
    @Nullable
    String input() throws IOException;
}
