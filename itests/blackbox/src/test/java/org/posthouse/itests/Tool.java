// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program of the machine to its end and gives back what it said. */
record Tool(int status, String output) {
    private static final JsonMapper JSON = new JsonMapper();

    static Tool run(Duration limit, String... command) {
        return run(limit, Map.of(), List.of(command));
    }

    static Tool run(Duration limit, Map<String, String> environment, List<String> command) {
        try {
            Path out = Files.createTempFile("tool", ".out");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within " + limit + ": " + tail(out));
            }
            String text = Files.readString(out, StandardCharsets.ISO_8859_1);
            Files.delete(out);
            return new Tool(process.exitValue(), text);
        } catch (IOException e) {
            throw new AssertionError("Cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String tail(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            long size = Files.size(file);
            in.skipNBytes(Math.max(0, size - 2000));
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    Tool mustSucceed() {
        if (status != 0) {
            throw new AssertionError("Status " + status + ": " + output);
        }
        return this;
    }

    /** What it said, as JSON. */
    JsonNode json() {
        return json(output);
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    static boolean exists(String program) {
        return run(Duration.ofSeconds(10), "sh", "-c", "command -v " + program).status() == 0;
    }
}
