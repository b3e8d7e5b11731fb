// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
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
        mend(file);
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

    /** Cuts off a last line without an end: its writer was killed, and what it tells did not go on. */
    static void mend(Path file) throws IOException {
        try (RandomAccessFile octets = new RandomAccessFile(file.toFile(), "rw")) {
            long end = octets.length();
            while (end > 0) {
                octets.seek(end - 1);
                if (octets.read() == '\n') {
                    break;
                }
                end--;
            }
            octets.setLength(end);
        }
    }

    /** Shows all entries of a file, which may be written at the same time: a last line without an end is left out. */
    static void read(Path file, Consumer<Entry> listener) throws IOException {
        long whole = Files.size(file);
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                whole -= line.getBytes(StandardCharsets.UTF_8).length + 1;
                if (whole >= 0) {
                    listener.accept(JSON.readValue(line, Entry.class));
                }
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
