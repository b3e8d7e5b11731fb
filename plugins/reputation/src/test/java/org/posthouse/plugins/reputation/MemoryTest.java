// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class MemoryTest {
    private static final Duration WEEK = Duration.ofDays(7);

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);

    private Memory memory(int entries) {
        return new Memory(state, entries, WEEK, clock);
    }

    @Test
    void countsOldEventsLess() {
        Memory memory = memory(65_536);
        memory.add("192.0.2.0/24", 1, 0);
        memory.add("192.0.2.0/24", 0, 2);
        assertEquals(3.0, memory.of("192.0.2.0/24").samples());
        clock.pass(WEEK);
        assertEquals(1.5, memory.of("192.0.2.0/24").samples());
        memory.add("192.0.2.0/24", 1, 0);
        Standing standing = memory.of("192.0.2.0/24");
        assertEquals(1.5, standing.good());
        assertEquals(1.0, standing.bad());
        assertEquals(0.6, standing.value());
    }

    @Test
    void knowsNothingOfStrangers() {
        Memory memory = memory(65_536);
        memory.add("192.0.2.0/24", 0, 5);
        assertEquals(0.0, memory.of("192.0.2.0/2").samples());
        assertEquals(1.0, memory.of("example.org").value());
    }

    @Test
    void keepsAllOfAShelfApart() {
        Shelf shelf = new Shelf(Map.of("a.example", new Standing(1, 0, 10), "b.a.example", new Standing(0, 2, 20)));
        assertEquals(shelf, Shelf.parse(shelf.text()));
        assertEquals(0.0, Shelf.find(shelf.text(), "b.a.example").orElseThrow().good());
        assertEquals(1.0, Shelf.find(shelf.text(), "a.example").orElseThrow().good());
        assertTrue(Shelf.find(shelf.text(), "example").isEmpty());
        assertTrue(Shelf.find("", "example").isEmpty());
    }

    @Test
    void readsNothingFromWhatIsDamaged() {
        String damaged = "a.example x 1 2\nb.example 1.000 2.000 7\n\n c\nd.example";
        assertEquals(
                Map.of("b.example", new Standing(1, 2, 7)), Shelf.parse(damaged).all());
        assertTrue(Shelf.find(damaged, "a.example").isEmpty());
        assertThrows(IllegalArgumentException.class, () -> Standing.parse("1 2"));
    }

    @Test
    void drivesOutWhoIsLeastKnown() {
        Memory memory = memory(2 * Memory.SHELVES);
        String known = "known.example";
        for (int i = 0; i < 5; i++) {
            memory.add(known, 1, 0);
        }
        for (int i = 0; i < 20_000; i++) {
            memory.add("s" + i + ".example", 0, 1);
        }
        assertEquals(5.0, memory.of(known).samples());
        assertTrue(
                memory.all().size() <= 2 * Memory.SHELVES,
                () -> "" + memory.all().size());
        memory.add("newcomer.example", 0, 1);
        assertEquals(1.0, memory.of("newcomer.example").samples());
    }

    @Test
    void forgetsWhenToldAndAfterLong() {
        Memory memory = memory(65_536);
        memory.add("a.example", 1, 0);
        memory.add("b.example", 1, 0);
        assertTrue(memory.forget("a.example"));
        assertFalse(memory.forget("a.example"));
        assertEquals(Map.of("b.example", 1.0), samples(memory));
        clock.pass(WEEK.multipliedBy(11));
        assertEquals(Map.of(), memory.all());
    }

    private static Map<String, Double> samples(Memory memory) {
        return memory.all().entrySet().stream()
                .collect(java.util.stream.Collectors.toMap(
                        Map.Entry::getKey, e -> e.getValue().samples()));
    }

    @Test
    void namesNetworksAndDomains() throws UnknownHostException {
        Names names = new Names(24, 64);
        assertEquals("192.0.2.0/24", names.network(InetAddress.getByName("192.0.2.200")));
        assertEquals("2001:db8:1:2:0:0:0:0/64", names.network(InetAddress.getByName("2001:db8:1:2:3::4")));
        assertEquals("192.0.2.0/24", names.meant("192.0.2.7"));
        assertEquals("192.0.2.0/24", names.meant("192.0.2.0/24"));
        assertEquals("example.org", names.meant("Example.org"));
        assertEquals("example.org", Names.domain("Example.org"));
        for (String none : new String[] {"", "[192.0.2.1]", "a b.example", "a\nb.example", "x".repeat(300)}) {
            assertEquals("", Names.domain(none));
        }
    }
}
