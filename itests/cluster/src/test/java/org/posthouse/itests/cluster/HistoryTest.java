// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    private static final List<Entry> ENTRIES = List.of(
            new Entry.Sent(1, "a", "n1", 2, 1),
            new Entry.Answered(2, "a", Entry.Answer.ACKNOWLEDGED, "250 2.0.0 queued as X copies=2"),
            new Entry.Struck(3, 1, Kind.KILL_TWO, List.of("n1", "n2"), "kill"),
            new Entry.Arrived(4, "a", "n3", List.of(0, 1)),
            new Entry.Told(5, "a", "n3", List.of(2)),
            new Entry.Doubted(6, "n3", "r0.a@dst.test"),
            new Entry.Healed(7, 1),
            new Entry.Drained(8, 1),
            new Entry.Stuck(9, 2, "n1", "one message"),
            new Entry.Renewed(10),
            new Entry.Broken(11, 2));

    @TempDir
    Path folder;

    @Test
    void givesBackWhatWasWrittenByOneDriverAfterTheOther() throws Exception {
        Path file = folder.resolve("history.jsonl");
        List<Entry> shown = new ArrayList<>();
        write(file, shown, ENTRIES.subList(0, 4));
        write(file, shown, ENTRIES.subList(4, ENTRIES.size()));
        assertEquals(ENTRIES, shown);
        assertEquals(ENTRIES, read(file));
    }

    @Test
    void lineThatItsWriterDidNotFinishIsNotRead() throws Exception {
        Path file = folder.resolve("history.jsonl");
        write(file, new ArrayList<>(), ENTRIES);
        Files.writeString(file, "{\"what\":\"sent\",\"at\":1", StandardOpenOption.APPEND);
        assertEquals(ENTRIES, read(file));
        write(file, new ArrayList<>(), List.of(new Entry.Renewed(11)));
        assertEquals(new Entry.Renewed(11), read(file).getLast());
    }

    private static void write(Path file, List<Entry> shown, List<Entry> entries) throws Exception {
        try (History history = new History(file, shown::add)) {
            entries.forEach(history::write);
        }
    }

    private static List<Entry> read(Path file) throws Exception {
        List<Entry> entries = new ArrayList<>();
        History.read(file, entries::add);
        return entries;
    }
}
