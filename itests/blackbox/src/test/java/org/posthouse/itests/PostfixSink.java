// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.posthouse.testkit.server.Await;

/** Postfix's smtp-sink, which writes each message it takes to a file of its own. */
final class PostfixSink implements AutoCloseable {
    private static final String TRACE = "Received: from ";
    private static final Pattern MESSAGE_ID = Pattern.compile("(?m)^Message-Id: .*$");
    private static final Pattern DATE = Pattern.compile("(?m)^Date: .*$");

    private final Path folder;
    private final Process process;

    /**
     * Starts it.
     *
     * @param folder where the files go
     */
    PostfixSink(int port, Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        List<String> command = List.of(
                // As root it insists on being told whose rights to take; those of others do not reach this folder.
                "smtp-sink", "-u", System.getProperty("user.name"), "-d", folder + "/m.", "127.0.0.1:" + port, "1000");
        this.process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Await.until("banner of smtp-sink", Duration.ofSeconds(10), () -> Daemon.banner(port));
    }

    long count() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What was written into a folder.
     *
     * @param messageIds the Message-Ids
     * @param shapes the different messages without trace lines, with Date and Message-Id left open; lines end with LF
     */
    record Letters(Set<String> messageIds, Set<String> shapes) {}

    static Letters letters(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.toList();
        }
        Set<String> ids = new TreeSet<>();
        Set<String> shapes = new TreeSet<>();
        for (Path file : files) {
            String letter = withoutTrace(Files.readString(file, StandardCharsets.ISO_8859_1));
            Matcher id = MESSAGE_ID.matcher(letter);
            if (!id.find()) {
                throw new AssertionError("no Message-Id in " + file + ": " + letter);
            }
            ids.add(id.group());
            shapes.add(DATE.matcher(id.replaceFirst("Message-Id: *")).replaceFirst("Date: *"));
        }
        return new Letters(ids, shapes);
    }

    /** What smtp-sink writes on top ends with its own Received field; those below it are of whoever sent it there. */
    private static String withoutTrace(String text) {
        int at = text.indexOf(TRACE);
        while (text.startsWith(TRACE, at)) {
            int end = text.indexOf('\n', at);
            while (text.charAt(end + 1) == '\t' || text.charAt(end + 1) == ' ') {
                end = text.indexOf('\n', end + 1);
            }
            at = end + 1;
        }
        return text.substring(at);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
