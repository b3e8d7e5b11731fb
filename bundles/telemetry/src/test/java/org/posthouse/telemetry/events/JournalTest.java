// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Event;
import org.posthouse.api.Reply;

class JournalTest {
    @TempDir
    Path folder;

    private final AtomicLong lost = new AtomicLong();

    private Journal journal(int buffer) {
        return new Journal(
                folder.resolve("log/events.jsonl"), buffer, new Journal.Limits(1_000_000, 2), lost::addAndGet);
    }

    @Test
    void writesOneLinePerEventInOrder() throws Exception {
        Journal journal = journal(100);
        journal.start();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("sender", "a\"b@example.org");
        facts.put("size", 42L);
        facts.put("tls", true);
        facts.put("type", "x");
        journal.offer(new Event(Event.Type.TRANSIENT_FAILURE, Instant.ofEpochMilli(1_000), facts));
        journal.offer(Event.of(Event.Type.BOUNCE)
                .with(new Reply(550, "5.1.1", "No\u0007"))
                .build());
        journal.stop();
        List<String> lines = Files.readAllLines(folder.resolve("log/events.jsonl"));
        assertEquals(
                "{\"type\":\"transient-failure\",\"at\":\"1970-01-01T00:00:01.000Z\",\"seq\":1,"
                        + "\"sender\":\"a\\\"b@example.org\",\"size\":42,\"tls\":true,\"fact-type\":\"x\"}",
                lines.get(0));
        assertTrue(lines.get(1).endsWith("\"code\":550,\"enhanced\":\"5.1.1\",\"reply\":\"No\\u0007\"}"), lines.get(1));
        assertEquals(2, lines.size());
    }

    @Test
    void losesAndCountsWhatDoesNotFit() throws Exception {
        Journal journal = journal(3);
        for (int i = 0; i < 10; i++) {
            journal.offer(Event.of(Event.Type.ADMIN).with("n", i).build());
        }
        assertEquals(7, lost.get());
        assertEquals(3, journal.waiting());
        journal.start();
        journal.stop();
        assertEquals(3, Files.readAllLines(folder.resolve("log/events.jsonl")).size());
    }

    @Test
    void writesAllThatWaitsBeforeItStops() throws Exception {
        Journal journal = journal(10_000);
        for (int i = 0; i < 5_000; i++) {
            journal.offer(Event.of(Event.Type.DELIVERY).with("n", i).build());
        }
        journal.start();
        journal.stop();
        List<String> lines = Files.readAllLines(folder.resolve("log/events.jsonl"));
        assertEquals(5_000, lines.size());
        assertTrue(lines.get(4_999).endsWith("\"n\":4999}"));
        assertEquals(0, lost.get());
    }

    @Test
    void aFileThatCanNotBeWrittenLosesEventsAndNothingElse() throws Exception {
        Files.writeString(folder.resolve("log"), "in the way");
        Journal journal = journal(10);
        journal.offer(Event.of(Event.Type.ADMIN).build());
        journal.start();
        journal.stop();
        assertEquals(1, lost.get());
    }

    @Test
    void rotatesBySizeAndKeepsSoMany() throws IOException {
        Path file = folder.resolve("events.jsonl");
        try (RotatingFile rotating = new RotatingFile(file)) {
            for (String line : List.of("1111\n", "2222\n", "3333\n", "4444\n", "5555\n", "6666\n", "7777\n")) {
                rotating.append(line.getBytes(StandardCharsets.UTF_8), 10, 2);
            }
        }
        assertEquals("7777\n", Files.readString(file));
        assertEquals("5555\n6666\n", Files.readString(folder.resolve("events.jsonl.1")));
        assertEquals("3333\n4444\n", Files.readString(folder.resolve("events.jsonl.2")));
        assertFalse(Files.exists(folder.resolve("events.jsonl.3")));
    }

    @Test
    void keepingFewerDeletesTheRest() throws IOException {
        Path file = folder.resolve("events.jsonl");
        for (int i = 1; i <= 4; i++) {
            Files.writeString(folder.resolve("events.jsonl." + i), "old" + i);
        }
        Files.writeString(file, "012345678\n");
        try (RotatingFile rotating = new RotatingFile(file)) {
            rotating.append("new".getBytes(StandardCharsets.UTF_8), 10, 1);
        }
        assertEquals("012345678\n", Files.readString(folder.resolve("events.jsonl.1")));
        assertFalse(Files.exists(folder.resolve("events.jsonl.2")));
        assertFalse(Files.exists(folder.resolve("events.jsonl.4")));
    }

    @Test
    void aLineThatWasCutOffSpoilsNoOther() throws IOException {
        Path file = folder.resolve("events.jsonl");
        Files.writeString(file, "a\n{\"type\":\"del");
        try (RotatingFile rotating = new RotatingFile(file)) {
            rotating.append("b\n".getBytes(StandardCharsets.UTF_8), 100, 1);
        }
        assertEquals("a\n{\"type\":\"del\nb\n", Files.readString(file));
    }

    @Test
    void aFileMovedAwayIsBegunAnew() throws IOException {
        Path file = folder.resolve("events.jsonl");
        try (RotatingFile rotating = new RotatingFile(file)) {
            rotating.append("a\n".getBytes(StandardCharsets.UTF_8), 100, 1);
            Files.move(file, folder.resolve("moved"));
            rotating.append("b\n".getBytes(StandardCharsets.UTF_8), 100, 1);
        }
        assertEquals("b\n", Files.readString(file));
        assertEquals("a\n", Files.readString(folder.resolve("moved")));
    }
}
