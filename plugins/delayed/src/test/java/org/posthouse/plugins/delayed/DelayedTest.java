// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.delayed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.SettableClock;

final class DelayedTest {
    private static final String IN_AN_HOUR = "Date: Wed, 25 Nov 2026 13:00:00 +0000";
    private static final String IN_A_WEEK = "Date: Wed, 2 Dec 2026 12:00:00 +0000";
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Delayed plugin(Object... pairs) {
        List<Object> settings = new ArrayList<>(List.of(
                "enabled",
                true,
                "leastDelay",
                Duration.ofMinutes(2).toMillis(),
                "maxDelay",
                Duration.ofDays(3).toMillis()));
        settings.addAll(List.of(pairs));
        return new Delayed(Settings.of(Delayed.Config.class, settings.toArray()), meters, SettableClock.at(NOW));
    }

    private static FakeTransaction tx(FakeSession.Builder session, String... headers) {
        return FakeTransaction.at(Stage.DATA)
                .in(session)
                .needs(Need.EDIT_ROUTING)
                .headers(headers)
                .build();
    }

    private static FakeSession.Builder user() {
        return FakeSession.with().user("anna");
    }

    private static List<Edit> asked(Delayed plugin, FakeTransaction tx) {
        plugin.onMessage(tx, tx.message());
        return tx.edits();
    }

    @Test
    void keepsWhatAUserDatesAhead() {
        FakeTransaction tx = tx(user(), IN_AN_HOUR);
        assertEquals(Verdict.next().because("kept until 2026-11-25T13:00:00Z"), plugin().onMessage(tx, tx.message()));
        assertEquals(List.of(new Edit.Due(NOW.plus(Duration.ofHours(1)))), tx.edits());
        assertEquals(
                1, meters.counter("posthouse.delayed", "outcome", "delayed").count());
    }

    @Test
    void keepsWhatATrustedClientDatesAheadUnlessTold() {
        assertEquals(
                1, asked(plugin(), tx(FakeSession.with().trusted(), IN_AN_HOUR)).size());
        assertEquals(
                List.of(), asked(plugin("trusted", false), tx(FakeSession.with().trusted(), IN_AN_HOUR)));
    }

    @Test
    void keepsNothingOfStrangers() {
        assertEquals(List.of(), asked(plugin(), tx(FakeSession.with(), IN_AN_HOUR)));
    }

    @Test
    void keepsNothingAsShipped() {
        assertEquals(List.of(), asked(plugin("enabled", false), tx(user(), IN_AN_HOUR)));
    }

    @Test
    void keepsNothingOfThePastOfAClockThatIsAheadOrOfWhatItCanNotRead() {
        for (String date : List.of(
                "Date: Wed, 25 Nov 2026 11:00:00 +0000",
                "Date: Wed, 25 Nov 2026 12:01:59 +0000",
                "Date: tomorrow",
                "Subject: no date")) {
            assertEquals(List.of(), asked(plugin(), tx(user(), date)), date);
        }
        assertEquals(List.of(), asked(plugin(), tx(user(), IN_AN_HOUR, IN_A_WEEK)));
    }

    @Test
    void doesWhatItIsToldWithWhatIsTooFarAhead() {
        FakeTransaction tx = tx(user(), IN_A_WEEK);
        assertEquals(
                Verdict.reject("5.7.1", "Date is too far in the future").because("Date is beyond maxDelay"),
                plugin().onMessage(tx, tx.message()));
        assertEquals(List.of(), asked(plugin("beyond", "send"), tx(user(), IN_A_WEEK)));
        assertEquals(
                List.of(new Edit.Due(NOW.plus(Duration.ofDays(3)))),
                asked(plugin("beyond", "cap"), tx(user(), IN_A_WEEK)));
    }

    @Test
    void refusesALeastBeyondTheMost() {
        assertThrows(IllegalArgumentException.class, () -> plugin("maxDelay", 1000L));
    }
}
