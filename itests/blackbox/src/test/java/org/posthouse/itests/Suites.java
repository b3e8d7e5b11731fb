// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The conformance suites that nobody here wrote, where they are at hand, and their runners. */
final class Suites {
    private static final Path FOLDER = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"))
            .toAbsolutePath()
            .normalize();

    private Suites() {}

    /** Skips the test, and says so, where they are not at hand. */
    static void assumePresent() {
        assumeTrue(Files.isDirectory(FOLDER.resolve("run")), "no conformance suites at " + FOLDER);
    }

    /** Data of a suite. */
    static Path data(String name) {
        return FOLDER.resolve("open").resolve(name);
    }

    /** Plays a suite, which must not fail anywhere. */
    static void run(String... command) {
        List<String> words = new ArrayList<>(
                List.of("python3", FOLDER.resolve("run").resolve(command[0]).toString()));
        words.addAll(List.of(command).subList(1, command.length));
        Tool tool = Tool.run(Duration.ofMinutes(15), Map.of("PYTHONDONTWRITEBYTECODE", "1"), words);
        String[] lines = tool.output().strip().split("\n");
        System.out.println("suite " + command[0] + ": " + lines[lines.length - 1]);
        StringBuilder failures = new StringBuilder();
        for (String line : lines) {
            if (line.startsWith("FAIL") || line.startsWith("ERROR")) {
                failures.append(line).append('\n');
            }
        }
        assertEquals(
                "",
                failures.toString(),
                tool.output().substring(Math.max(0, tool.output().length() - 1000)));
        tool.mustSucceed();
    }
}
