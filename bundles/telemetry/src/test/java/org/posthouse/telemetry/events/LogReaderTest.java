// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Event;
import org.posthouse.api.service.Events;

class LogReaderTest {
    @TempDir
    Path folder;

    private long number;

    private Path file() {
        return folder.resolve("events.jsonl");
    }

    private LogReader reader() {
        return new LogReader(file());
    }

    /** Writes so many events into files of so many octets. */
    private void write(int count, long size, int keep) throws IOException {
        try (RotatingFile out = new RotatingFile(file())) {
            for (int i = 0; i < count; i++) {
                StringBuilder line = new StringBuilder();
                Event event = Event.of(Event.Type.DELIVERY)
                        .with("n", ++number)
                        .with("text", "x".repeat((int) number % 50))
                        .build();
                EventLine.append(line, event, number);
                out.append(line.toString().getBytes(StandardCharsets.UTF_8), size, keep);
            }
        }
    }

    private static List<Object> numbers(Events.Page page) {
        return page.events().stream().map(event -> event.facts().get("n")).toList();
    }

    @Test
    void anEventComesBackAsItWas() throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("sender", "\"a b\"\\@example.org\u2028é😀\t\u0007");
        facts.put("size", -42L);
        facts.put("tls", true);
        facts.put("relayed", false);
        Event event = new Event(Event.Type.TRANSIENT_FAILURE, Instant.ofEpochMilli(1_234), facts);
        StringBuilder line = new StringBuilder();
        EventLine.append(line, event, 7);
        Files.writeString(file(), line);
        Events.Page page = reader().read("", 10);
        assertEquals(List.of(event), page.events());
        assertEquals(0, page.lost());
    }

    @Test
    void readsPageByPage() throws IOException {
        write(5, 100_000, 3);
        Events.Page first = reader().read("", 2);
        Events.Page second = reader().read(first.cursor(), 10);
        assertEquals(List.of(1L, 2L), numbers(first));
        assertEquals(List.of(3L, 4L, 5L), numbers(second));
        Events.Page empty = reader().read(second.cursor(), 10);
        assertEquals(List.of(), empty.events());
        assertEquals(second.cursor(), empty.cursor());
        write(1, 100_000, 3);
        assertEquals(List.of(6L), numbers(reader().read(empty.cursor(), 10)));
    }

    @Test
    void anEmptyLogGivesTheCursorBack() throws IOException {
        assertEquals(new Events.Page(List.of(), "", 0), reader().read("", 10));
        assertEquals(0, LogReader.last(file()));
    }

    @Test
    void aCursorSurvivesRotations() throws IOException {
        Random random = new Random(5);
        List<Object> seen = new ArrayList<>();
        String cursor = "";
        for (int i = 0; i < 300; i++) {
            write(random.nextInt(4), 400, 50);
            Events.Page page = reader().read(cursor, 1 + random.nextInt(5));
            assertEquals(0, page.lost(), "round " + i);
            seen.addAll(numbers(page));
            cursor = page.cursor();
        }
        seen.addAll(numbers(reader().read(cursor, 10_000)));
        List<Object> all = new ArrayList<>();
        for (long n = 1; n <= number; n++) {
            all.add(n);
        }
        assertEquals(all, seen);
    }

    @Test
    void countsWhatWasDeletedBehindTheCursor() throws IOException {
        write(2, 400, 2);
        String cursor = reader().read("", 2).cursor();
        write(100, 400, 2);
        Events.Page page = reader().read(cursor, 10_000);
        assertEquals(100, page.events().size() + page.lost());
        assertEquals(102L, numbers(page).get(page.events().size() - 1));
    }

    @Test
    void countsWhatCouldNotBeWrittenAndWhatWasCutOff() throws IOException {
        write(2, 100_000, 2);
        number += 3;
        write(1, 100_000, 2);
        Files.writeString(file(), "{\"type\":\"delivery\",\"at", StandardOpenOption.APPEND);
        number++;
        write(1, 100_000, 2);
        Events.Page page = reader().read("", 10);
        assertEquals(List.of(1L, 2L, 6L, 8L), numbers(page));
        assertEquals(4, page.lost());
    }

    @Test
    void aLineThatIsBeingWrittenWaits() throws IOException {
        write(1, 100_000, 2);
        String whole = Files.readString(file());
        String next = whole.replace("\"seq\":1", "\"seq\":2");
        Files.writeString(file(), next.substring(0, 20), StandardOpenOption.APPEND);
        Events.Page page = reader().read("", 10);
        assertEquals(1, page.events().size());
        Files.writeString(file(), next.substring(20), StandardOpenOption.APPEND);
        Events.Page rest = reader().read(page.cursor(), 10);
        assertEquals(1, rest.events().size());
        assertEquals(0, rest.lost());
    }

    @Test
    void beginsAtTheOldestWhenTheLogWasBegunAnew() throws IOException {
        write(50, 100_000, 2);
        String cursor = reader().read("", 50).cursor();
        Files.delete(file());
        number = 0;
        write(3, 100_000, 2);
        Events.Page page = reader().read(cursor, 10);
        assertEquals(List.of(1L, 2L, 3L), numbers(page));
        assertEquals(0, page.lost());
    }

    @Test
    void skipsTypesOfAnotherVersion() throws IOException {
        Files.writeString(file(), "{\"type\":\"telepathy\",\"at\":\"2026-01-01T00:00:00.000Z\",\"seq\":1}\n");
        number = 1;
        write(1, 100_000, 2);
        Events.Page page = reader().read("", 10);
        assertEquals(List.of(2L), numbers(page));
        assertEquals(0, page.lost());
    }

    @Test
    void refusesWhatIsNoCursor() {
        assertThrows(IllegalArgumentException.class, () -> reader().read("yesterday", 10));
    }

    @Test
    void numbersGoOnAfterARestart() throws Exception {
        for (int i = 0; i < 2; i++) {
            Journal journal = new Journal(file(), 10, new Journal.Limits(100_000, 2), lost -> {});
            journal.offer(Event.of(Event.Type.ADMIN).with("n", i).build());
            journal.start();
            journal.stop();
        }
        assertEquals(2, LogReader.last(file()));
        Events.Page page = reader().read("", 10);
        assertEquals(List.of(0L, 1L), numbers(page));
        assertEquals(0, page.lost());
    }
}
