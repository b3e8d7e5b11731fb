// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The public suites, where they are at hand; a test that wants one is skipped elsewhere. */
final class Suite {
    private static final Path OPEN = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"))
            .resolve("open")
            .toAbsolutePath()
            .normalize();

    private Suite() {}

    static JsonNode read(String name) throws IOException {
        return new JsonMapper().readTree(Files.readAllBytes(file(name + ".json")));
    }

    static Path file(String name) {
        Path file = OPEN.resolve(name);
        assumeTrue(Files.exists(file), "no suite " + file);
        return file;
    }
}
