// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.ConversationPlayer;

/** Plays every transcript of src/test/resources/transcripts on a listener of profile mx. */
final class TranscriptTest {
    @TempDir
    static Path data;

    private static FakeServer server;

    @BeforeAll
    static void open() throws IOException {
        server = new FakeServer(FakeServer.settings("MX", "STARTTLS", "", "", 0), new Fakes(), data);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> transcripts() throws IOException, URISyntaxException {
        Path folder = Path.of(TranscriptTest.class.getResource("/transcripts").toURI());
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.sorted().toList();
        }
        return files.stream().map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> play(f)));
    }

    private static void play(Path file) throws IOException {
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play(Files.readAllLines(file));
        }
    }
}
