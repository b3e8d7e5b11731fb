// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder {@code aside}: what was damaged, kept for people, with an index of one line each. */
final class Aside {
    private static final Logger LOG = LoggerFactory.getLogger(Aside.class);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final Consumer<Spool.SetAside> alarm;
    private final List<Spool.SetAside> entries = new CopyOnWriteArrayList<>();

    Aside(Path folder, Consumer<Spool.SetAside> alarm) throws IOException {
        this.folder = folder;
        this.alarm = alarm;
        Files.createDirectories(folder);
        entries.addAll(read(index()));
    }

    private Path index() {
        return folder.resolve("index.tsv");
    }

    private static List<Spool.SetAside> read(Path index) throws IOException {
        List<Spool.SetAside> found = new ArrayList<>();
        if (!Files.exists(index)) {
            return found;
        }
        // As ISO 8859-1 every octet is readable: a damaged index loses a line, not the start of the server.
        for (String line : Files.readAllLines(index, StandardCharsets.ISO_8859_1)) {
            String[] parts = line.split("\t", 4);
            try {
                found.add(new Spool.SetAside(parts[1], parts[2], parts[3], Instant.parse(parts[0])));
            } catch (ArrayIndexOutOfBoundsException | DateTimeParseException e) {
                LOG.warn("A line of {} is unreadable: {}", index, line);
            }
        }
        return found;
    }

    List<Spool.SetAside> entries() {
        return List.copyOf(entries);
    }

    /** A name in this folder that is not taken. */
    Path place(String what) {
        String stamp = STAMP.format(Instant.now());
        Path place = folder.resolve(stamp + "-" + what);
        for (int i = 1; Files.exists(place); i++) {
            place = folder.resolve(stamp + "-" + i + "-" + what);
        }
        return place;
    }

    /** Keeps raw records of a message and, when there is one, moves its file here. */
    void keep(MessageId id, Map<String, byte[]> records, List<Path> bodies, String why) throws IOException {
        Path place = place(id.toString());
        Files.createDirectories(place);
        for (Map.Entry<String, byte[]> entry : records.entrySet()) {
            write(place.resolve(entry.getKey()), entry.getValue());
        }
        for (Path body : bodies) {
            if (Files.exists(body)) {
                Files.move(body, place.resolve(body.getFileName() + ".eml"), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        BodyFiles.sync(place);
        record(id.toString(), place, why);
    }

    /** Keeps one damaged record that is no part of a message. */
    void keep(Table table, RocksVault.Raw raw, String why) throws IOException {
        Path place = place(table.family() + ".record");
        write(place, raw.record());
        record(Keys.name(raw.key()).replaceAll("[\\s\\p{Cntrl}]", "?"), place, why);
    }

    private static void write(Path file, byte[] octets) throws IOException {
        Files.write(file, octets, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
    }

    /** Writes the line that tells of something that is in this folder already. */
    synchronized void record(String what, Path where, String why) throws IOException {
        Spool.SetAside entry = new Spool.SetAside(what, where.toString(), why.replaceAll("\\s+", " "), Instant.now());
        String line = String.join("\t", entry.when().toString(), what, entry.where(), entry.why()) + "\n";
        Files.write(
                index(),
                line.getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND,
                StandardOpenOption.DSYNC);
        BodyFiles.sync(folder);
        entries.add(entry);
        LOG.error("Set aside: {} is now {}: {}", what, where, entry.why());
        alarm.accept(entry);
    }
}
