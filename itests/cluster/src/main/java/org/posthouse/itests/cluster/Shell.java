// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs programs of the machine that end soon. */
final class Shell {
    private Shell() {}

    /** What it printed; it must succeed. */
    static String run(String... command) {
        Result result = call(command);
        if (result.status != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + result.output.strip());
        }
        return result.output;
    }

    /** Whether it succeeded. */
    static boolean tried(String... command) {
        return call(command).status == 0;
    }

    private static Result call(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private record Result(int status, String output) {}
}
