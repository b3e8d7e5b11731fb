// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/** All that happened, a line each in a file; a line is in the file before what it tells goes on. */
final class History implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final OutputStream out;
    private final Consumer<Entry> listener;

    /** Appends to a file, and shows each entry in the same order. */
    History(Path file, Consumer<Entry> listener) throws IOException {
        this.out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        this.listener = listener;
    }

    synchronized void write(Entry entry) {
        try {
            out.write((JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        listener.accept(entry);
    }

    /** Shows all entries of a file. The last line may be cut: its writer was killed, and what it tells did not go on. */
    static void read(Path file, Consumer<Entry> listener) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; ) {
                String next = lines.readLine();
                if (next != null || line.endsWith("}")) {
                    listener.accept(JSON.readValue(line, Entry.class));
                }
                line = next;
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
