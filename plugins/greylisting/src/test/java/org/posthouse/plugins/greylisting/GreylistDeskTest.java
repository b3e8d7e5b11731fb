// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeLimiter;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class GreylistDeskTest {
    private static final Duration DELAY = Duration.ofMinutes(5);

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final Greylisting.Config config = Settings.of(
            Greylisting.Config.class,
            "delay",
            DELAY.toMillis(),
            "retryWindow",
            Duration.ofDays(2).toMillis(),
            "lifetime",
            Duration.ofDays(36).toMillis(),
            "autoAllow",
            1);
    private final Greylisting plugin =
            new Greylisting(state, new FakeLimiter(clock), new SimpleMeterRegistry(), config, clock);
    private final GreylistDesk desk = new GreylistDesk(state, config, clock);

    private boolean waits(String client, String sender) {
        FakeTransaction tx = FakeTransaction.at(Stage.RCPT)
                .in(FakeSession.with().peer(client))
                .needs(Need.PEER)
                .from(sender)
                .build();
        return plugin.onRcpt(tx, Recipient.of(Address.of("anna@example.net"))) instanceof Verdict.Defer;
    }

    private static Table run(Command command, Map<String, List<String>> arguments) throws CommandException {
        return command.run(Arguments.of(arguments));
    }

    private Table list(String match) {
        return assertInstanceOf(
                Table.class,
                new ListTriplets(desk).run(Arguments.of(match.isEmpty() ? Map.of() : Map.of("match", List.of(match)))));
    }

    private Table allow(String who, String span) throws CommandException {
        return run(new AllowClient(desk), Map.of("who", List.of(who), "for", List.of(span)));
    }

    private Table forget(String who) throws CommandException {
        return run(new ForgetClient(desk), Map.of("who", List.of(who)));
    }

    @Test
    void countsOutcomesByDays() {
        waits("192.0.2.1", "a@example.org");
        clock.pass(Duration.ofDays(1));
        waits("192.0.2.1", "a@example.org");
        Table table = new ShowStatistics(desk).run(Arguments.of(Map.of()));
        assertEquals("Mail of strangers waits 300 seconds.", table.note());
        assertEquals(
                List.of("deferred, seen for the first time", "0", "1", "1"),
                table.rows().get(0));
        assertEquals(
                List.of("passed, tried again in time", "1", "0", "1"),
                table.rows().get(4));
    }

    @Test
    void listsTheNewestTripletsFirstWithTheirState() {
        waits("192.0.2.1", "a@example.org");
        clock.pass(DELAY);
        waits("192.0.2.1", "a@example.org");
        waits("198.51.100.1", "b@example.org");
        clock.pass(Duration.ofMinutes(1));
        assertEquals(
                List.of(
                        List.of(
                                "2026-01-05T12:05:00Z",
                                "waits 240 s",
                                "198.51.100.0/24",
                                "<b@example.org>",
                                "anna@example.net"),
                        List.of("2026-01-05T12:05:00Z", "need not wait any more", "192.0.2.0/24", "", ""),
                        List.of(
                                "2026-01-05T12:00:00Z",
                                "passed",
                                "192.0.2.0/24",
                                "<a@example.org>",
                                "anna@example.net")),
                list("").rows());
        clock.pass(DELAY);
        assertEquals("may pass", list("B@example").rows().getFirst().get(1));
        assertEquals("There is nothing to show.", list("nobody").note());
    }

    @Test
    void listsAsManyAsTheRingHolds() {
        for (int i = 0; i < Recent.MOST + 20; i++) {
            waits("10." + i / 250 + "." + i % 250 + ".1", "a@example.org");
        }
        List<List<String>> rows = list("").rows();
        assertEquals(Recent.MOST, rows.size());
        assertEquals("10.2.19.0/24", rows.getFirst().get(2));
        assertEquals("10.0.20.0/24", rows.getLast().get(2));
    }

    @Test
    void sparesWhoIsAllowedUntilThatEnds() throws CommandException {
        assertEquals(
                "192.0.2.0/28 need not wait until 2026-01-05T16:00:00Z.",
                allow("192.0.2.5/28", "4h").note());
        allow("*.Example.com", "30m");
        assertFalse(waits("192.0.2.15", "a@example.org"));
        assertTrue(waits("192.0.2.16", "a@example.org"));
        assertFalse(waits("203.0.113.1", "x@mail.example.com"));
        assertEquals(
                List.of("", "allowed until 2026-01-05T16:00:00Z", "192.0.2.0/28", "", ""),
                list("").rows().getFirst());
        clock.pass(Duration.ofMinutes(31));
        assertTrue(waits("203.0.113.1", "y@mail.example.com"));
        clock.pass(Duration.ofHours(4));
        assertTrue(waits("192.0.2.15", "b@example.org"));
    }

    @Test
    void takesAnAllowanceBack() throws CommandException {
        allow("bert@example.org", "365d");
        assertFalse(waits("192.0.2.1", "bert@example.org"));
        assertEquals(
                "bert@example.org is not allowed any more.",
                forget("BERT@example.org").note());
        assertTrue(waits("192.0.2.1", "bert@example.org"));
        assertThrows(CommandException.class, () -> forget("bert@example.org"));
    }

    @Test
    void allowingAgainMovesTheEnd() throws CommandException {
        allow("192.0.2.1", "30m");
        allow("192.0.2.1", "90d");
        clock.pass(Duration.ofDays(89));
        assertFalse(waits("192.0.2.1", "a@example.org"));
        assertEquals(1, list("").rows().size());
    }

    @Test
    void forgetsAllThatAClientDid() throws CommandException {
        waits("192.0.2.1", "a@example.org");
        clock.pass(DELAY);
        assertFalse(waits("192.0.2.1", "a@example.org"));
        assertFalse(waits("192.0.2.1", "new@example.org"));
        clock.pass(Duration.ofSeconds(1));
        assertEquals(
                "192.0.2.0/24 is as unknown as at its first mail.",
                forget("192.0.2.9").note());
        clock.pass(Duration.ofSeconds(1));
        assertTrue(waits("192.0.2.1", "a@example.org"));
        clock.pass(DELAY);
        assertFalse(waits("192.0.2.1", "a@example.org"));
    }

    @Test
    void saysWhatItCanNotDo() throws CommandException {
        assertThrows(CommandException.class, () -> allow("192.0.2.1", "soon"));
        assertThrows(CommandException.class, () -> allow("192.0.2.1", "0d"));
        assertThrows(CommandException.class, () -> allow("192.0.2.1/33", "1d"));
        assertThrows(CommandException.class, () -> allow("300.0.2.1", "1d"));
        assertThrows(CommandException.class, () -> allow("a b@example.org", "1d"));
        assertThrows(CommandException.class, () -> forget("192.0.0.0/16"));
        for (int i = 0; i < Allowances.MOST; i++) {
            allow("10.0." + i + ".0/24", "1d");
        }
        assertThrows(CommandException.class, () -> allow("192.0.2.1", "1d"));
    }
}
