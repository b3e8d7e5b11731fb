// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

class RetryScheduleTest {
    @Test
    void repeatsStepsAndThenTheLastOne() {
        RetrySchedule schedule = RetrySchedule.parse("1m,5m*2, 15m,1h*3,4h");
        List<Duration> pauses =
                IntStream.rangeClosed(1, 10).mapToObj(schedule::after).toList();
        assertEquals(
                List.of(1, 5, 5, 15, 60, 60, 60, 240, 240, 240),
                pauses.stream().map(p -> (int) p.toMinutes()).toList());
        assertEquals(Duration.ofMinutes(1), schedule.after(0));
    }

    @Test
    void knowsAllUnits() {
        RetrySchedule schedule = RetrySchedule.parse("500ms,2s,3m,4h,5d");
        assertEquals(Duration.ofMillis(500), schedule.after(1));
        assertEquals(Duration.ofSeconds(2), schedule.after(2));
        assertEquals(Duration.ofDays(5), schedule.after(99));
    }

    @Test
    void jittersByATenth() {
        RetrySchedule schedule = RetrySchedule.parse("100s");
        assertEquals(Duration.ofSeconds(90), schedule.after(1, 0));
        assertEquals(Duration.ofSeconds(100), schedule.after(1, 0.5));
        assertTrue(schedule.after(1, 0.999999).compareTo(Duration.ofSeconds(110)) <= 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "m", "5m,", "0s", "5m*0", "-5m", "5w", "5m**2", "1m 2m"})
    void refusesWhatIsNoSchedule(String text) {
        assertThrows(IllegalArgumentException.class, () -> RetrySchedule.parse(text));
    }

    @Test
    void triesForTheLastTimeWhenTheTimeIsOver() {
        House house = new House(new FakeSpool(), Settings.SHIPPED);
        var admission = house.admission("a@one.example");
        Instant received = admission.envelope().received();
        Spool.Stored message =
                new Spool.Stored(admission.envelope(), List.of(Progress.initial(0, State.QUEUED, received)));
        Instant first = house.ledger.nextAttempt(message, 1, received).orElseThrow();
        assertTrue(first.isAfter(received.plusSeconds(53)) && first.isBefore(received.plusSeconds(67)), "" + first);
        Instant end = received.plus(Duration.ofDays(5));
        assertEquals(Optional.of(end), house.ledger.nextAttempt(message, 20, end.minusSeconds(60)));
        assertEquals(Optional.empty(), house.ledger.nextAttempt(message, 20, end));
        house.close();
    }
}
