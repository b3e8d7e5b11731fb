// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads on in the event log of a node, and writes down which recipients it says may get something twice. */
final class Doubts {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String FACT = "inTransitAtCrash";

    private final Node node;
    private final History history;

    Doubts(Node node, History history) {
        this.node = node;
        this.history = history;
    }

    private Path file() {
        return node.data().resolve("log/events.jsonl");
    }

    /** The disk is another one: its log begins anew. */
    void restart() {
        offset(0);
    }

    void collect() {
        try {
            if (Files.exists(file())) {
                long offset = offset();
                String fresh = whole(offset);
                fresh.lines().filter(line -> line.contains(FACT)).forEach(this::write);
                offset(offset + fresh.getBytes(StandardCharsets.UTF_8).length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole lines from here on. */
    private String whole(long offset) throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(file().toFile(), "r")) {
            byte[] fresh = new byte[Math.toIntExact(Math.max(0, log.length() - offset))];
            log.seek(offset);
            log.readFully(fresh);
            String text = new String(fresh, StandardCharsets.UTF_8);
            return text.substring(0, text.lastIndexOf('\n') + 1);
        }
    }

    /** How much was read, by an earlier driver too. */
    private long offset() throws IOException {
        return Files.exists(node.read()) ? Long.parseLong(Files.readString(node.read())) : 0;
    }

    private void offset(long octets) {
        try {
            Files.writeString(node.read(), Long.toString(octets));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String line) {
        try {
            JsonNode event = JSON.readTree(line);
            history.write(new Entry.Doubted(
                    System.currentTimeMillis(),
                    node.name,
                    event.path("recipient").asText()));
        } catch (IOException e) {
            throw new UncheckedIOException("in " + file() + ": " + line, e);
        }
    }
}
