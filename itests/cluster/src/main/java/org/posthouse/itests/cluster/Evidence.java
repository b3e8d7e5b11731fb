// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a person needs who asks why: the event logs as they were at a finding, and all that is known of one letter. */
final class Evidence {
    private static final Pattern QUEUED = Pattern.compile("queued as (\\w+)");

    private final Path folder;

    /** @param folder of the campaign */
    Evidence(Path folder) {
        this.folder = folder;
    }

    /** Keeps the event log of a node, which would go with its disk. */
    void keep(int fault, Node node) throws IOException {
        Path events = node.data().resolve("log/events.jsonl");
        if (Files.exists(events)) {
            Path kept = Files.createDirectories(folder.resolve("evidence"));
            Files.copy(
                    events,
                    kept.resolve(fault + "-" + node.name + ".events.jsonl"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Prints each line of history, logs and kept events that names this letter, or the message that it became. */
    void print(String letter, PrintWriter out) throws IOException {
        List<String> words = new ArrayList<>(List.of("\"" + letter + "\"", "." + letter + "@"));
        for (String line : lines(folder.resolve("history.jsonl"), words)) {
            Matcher queued = QUEUED.matcher(line);
            if (queued.find()) {
                words.add(queued.group(1));
            }
        }
        for (Path file : files()) {
            List<String> found = lines(file, words);
            if (!found.isEmpty()) {
                out.println(folder.relativize(file));
                found.forEach(line -> out.println("  " + line));
            }
        }
        out.flush();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder, 2)) {
            return all.filter(Files::isRegularFile)
                    .filter(f -> f.toString().endsWith(".jsonl") || f.endsWith("log"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> lines(Path file, List<String> words) throws IOException {
        List<String> found = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (words.stream().anyMatch(line::contains)) {
                    found.add(line);
                }
            }
        }
        return found;
    }
}
