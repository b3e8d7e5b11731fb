// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.pipeline.spi.Traces.Trace;

final class TraceFolderTest {
    private static final Instant BEGUN = Instant.parse("2026-01-05T12:00:00Z");

    @TempDir
    private Path dir;

    private void write(TraceFolder traces, String id, int most) {
        traces.write(new Trace(id, "s", BEGUN, Map.of(), List.of(), "accepted", List.of()), most);
    }

    private static Set<String> ids(TraceFolder traces) {
        return new TreeSet<>(traces.ids());
    }

    @Test
    void keepsTheNewest() {
        TraceFolder traces = new TraceFolder(dir);
        for (String id : List.of("A", "B", "C", "D")) {
            write(traces, id, 3);
        }
        assertEquals(Set.of("B", "C", "D"), ids(traces));
        assertTrue(traces.read("A").isEmpty());
        write(traces, "E", 1);
        assertEquals(Set.of("E"), ids(traces));
    }

    @Test
    void aTraceThatIsWrittenAgainIsTheNewestAndCountsOnce() {
        TraceFolder traces = new TraceFolder(dir);
        for (String id : List.of("A", "B", "A", "C", "A")) {
            write(traces, id, 3);
        }
        assertEquals(Set.of("A", "B", "C"), ids(traces));
        write(traces, "D", 3);
        assertEquals(Set.of("A", "C", "D"), ids(traces));
    }

    @Test
    void countsWhatAnEarlierRunLeft() throws IOException {
        TraceFolder earlier = new TraceFolder(dir);
        for (String id : List.of("A", "B", "C")) {
            write(earlier, id, 3);
            Files.setLastModifiedTime(dir.resolve(id + ".json"), FileTime.from(BEGUN.minusSeconds(id.charAt(0))));
        }
        TraceFolder traces = new TraceFolder(dir);
        write(traces, "D", 3);
        assertEquals(Set.of("A", "B", "D"), ids(traces));
    }

    @Test
    void doesNotListTheFolderForEachTrace() throws IOException {
        TraceFolder traces = new TraceFolder(dir);
        write(traces, "A", 2);
        Files.writeString(dir.resolve("foreign.json"), "{}");
        write(traces, "B", 2);
        assertEquals(Set.of("A", "B", "foreign"), ids(traces));
        write(traces, "C", 2);
        assertEquals(Set.of("B", "C", "foreign"), ids(traces));
    }
}
