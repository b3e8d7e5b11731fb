// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.Limiter;
import org.posthouse.cluster.protocol.Absence;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Rights;
import org.posthouse.cluster.protocol.Term;
import org.posthouse.cluster.sharing.MapState;

class QuotasTest {
    private static final List<String> MEMBERS = List.of("a", "b", "c");
    private static final Limiter.Rate RATE = new Limiter.Rate(60, Duration.ofMinutes(1), 60);
    private static final String LIMIT = "l:test:limits/k";

    private final Time time = new Time();
    private final Map<String, MapState> states = new HashMap<>();
    private Map<String, Absence> absent = Map.of();

    private static final class Time implements Clocks {
        private long now = 1_000_010;

        @Override
        public long monotonic() {
            return now;
        }

        @Override
        public long wall() {
            return now;
        }
    }

    private MapState state(String name) {
        return states.computeIfAbsent(name, n -> new MapState());
    }

    private Quotas quotas(String name, boolean remembers) {
        return new Quotas(
                name,
                MEMBERS,
                () -> new Rights(3, false, Term.now(time, 6_000), 1_000_000, absent, false),
                time,
                () -> time.now * 1_000_000,
                name.hashCode(),
                () -> remembers,
                LimitRules.STANDARD);
    }

    private int drain(Quotas quotas, String name) {
        int granted = 0;
        while (quotas.take(LIMIT, RATE, 1, state(name).kept(LIMIT)).granted()) {
            granted++;
        }
        return granted;
    }

    /** The pool of a life that has just settled is empty, as somebody may have used it. */
    @Test
    void aNodeBeginsWithItsFirmHalfAndTheRestFills() {
        Quotas a = quotas("a", true);
        assertEquals(10, drain(a, "a"));
        time.now += 60_002;
        assertEquals(20, drain(a, "a"));
        time.now += 3_001;
        assertEquals(1, drain(a, "a"));
    }

    @Test
    void aNodeThatWasKilledHasNothingAtFirst() {
        Quotas a = quotas("a", false);
        assertEquals(0, drain(a, "a"));
        time.now += 30_000;
        assertTrue(drain(a, "a") <= 10);
    }

    @Test
    void whoAsksIsLentAndGivesBackWhatIsLeft() throws IOException {
        Quotas a = quotas("a", true);
        Quotas b = quotas("b", true);
        time.now += 60_002;
        assertEquals(20, drain(a, "a"));
        Quotas.Asking asking = a.shortOf(LIMIT, RATE, 10, 0).orElseThrow();
        LimitMessage.Ask ask =
                (LimitMessage.Ask) LimitMessage.read(a.ask("b", asking).octets());
        Term term = Term.now(time, 3_000);
        LimitMessage.Lent lent = (LimitMessage.Lent)
                LimitMessage.read(b.lend("a", ask, state("b").kept(LIMIT)).octets());
        assertEquals(10, lent.added());
        a.lent("b", RATE, lent, term, state("a").kept(LIMIT));
        for (int i = 0; i < 4; i++) {
            assertTrue(a.take(LIMIT, RATE, 1, state("a").kept(LIMIT)).granted());
        }
        time.now += 1_600;
        Quotas.Care care = a.care(LIMIT, state("a").kept(LIMIT));
        assertEquals(1, care.off().size());
        LimitMessage.Back back = (LimitMessage.Back)
                LimitMessage.read(care.off().getFirst().back().octets());
        b.back("a", back, state("b").kept(LIMIT));
        int left = drain(b, "b");
        assertTrue(left >= 11 && left <= 17, left + " left of the lender's 20");
    }

    @Test
    void aLoanEndsByItselfForTheBorrowerFirst() {
        Quotas a = quotas("a", true);
        Quotas b = quotas("b", true);
        time.now += 60_002;
        drain(a, "a");
        Term term = Term.now(time, 3_000);
        LimitMessage.Ask ask = a.ask("b", a.shortOf(LIMIT, RATE, 20, 0).orElseThrow());
        a.lent(
                "b",
                RATE,
                (LimitMessage.Lent) b.lend("a", ask, state("b").kept(LIMIT)),
                term,
                state("a").kept(LIMIT));
        assertEquals(40, a.units(LIMIT, RATE, state("a").kept(LIMIT)));
        assertEquals(0, b.units(LIMIT, RATE, state("b").kept(LIMIT)));
        time.now += 3_000;
        assertEquals(20, a.units(LIMIT, RATE, state("a").kept(LIMIT)));
        assertEquals(0, b.units(LIMIT, RATE, state("b").kept(LIMIT)));
        time.now += 1_000;
        assertEquals(20, b.units(LIMIT, RATE, state("b").kept(LIMIT)));
        // The borrower may have used all of it up to the end.
        assertEquals(0, drain(b, "b"));
    }

    @Test
    void theFirstInLineStandsInForAMemberThatIsFenced() {
        time.now += 60_002;
        long sum = 0;
        absent = Map.of("c", new Absence(time.now, Term.now(time, 6_000)));
        for (String name : List.of("a", "b")) {
            Quotas quotas = quotas(name, true);
            sum += quotas.units(LIMIT, RATE, state(name).kept(LIMIT));
        }
        assertEquals(20 + 20 + 10, sum);
    }

    @Test
    void aRateThatChangesGrantsNothingUntilItsLoansAreOver() {
        Quotas a = quotas("a", true);
        Quotas b = quotas("b", true);
        time.now += 60_002;
        b.lend(
                "a",
                a.ask("b", a.shortOf(LIMIT, RATE, 5, 0).orElseThrow()),
                state("b").kept(LIMIT));
        Limiter.Rate other = new Limiter.Rate(600, Duration.ofMinutes(1), 600);
        assertFalse(b.take(LIMIT, other, 1, state("b").kept(LIMIT)).granted());
        time.now += 4_000;
        b.care(LIMIT, state("b").kept(LIMIT));
        assertTrue(b.take(LIMIT, other, 1, state("b").kept(LIMIT)).granted());
    }

    @Test
    void theSharesOfAllAreTheWholeAndInWholeUnits() {
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            for (long burst : new long[] {1, 2, 3, 7, 600, 1_000_000_000_007L}) {
                Division division = new Division("limit " + i, burst, MEMBERS);
                long sum = 0;
                for (String member : MEMBERS) {
                    sum += division.firm(member) + division.pool(member);
                    assertTrue(division.pool(member) >= division.firm(member));
                }
                assertEquals(burst, sum);
                first.add(division.members().getFirst());
            }
        }
        assertEquals(3, first.size());
        assertEquals(0, new Division("k", 5, MEMBERS).pool("witness"));
    }

    @Test
    void levelsAreRoundedAgainstWhoAsksAndNeverOverflow() {
        assertEquals(34, Level.cost(100, 3, 1));
        assertEquals(100, Level.mixed(0, 7, 5, 100));
        assertEquals(51, Level.mixed(1, 1, 1, 100));
        assertEquals(51, Level.mixed(1, 100, 1, 1));
        long span = Level.span(new Limiter.Rate(1, Duration.ofDays(365_000), 1L << 60));
        assertEquals(1L << 61, span);
        assertEquals(4, Level.cost(span, 1L << 60, 2));
        assertEquals(1L << 61, Level.mixed(1L << 60, span, 1L << 60, span));
        assertThrows(IllegalArgumentException.class, () -> Level.span(new Limiter.Rate(0, Duration.ofDays(1), 1)));
    }

    @Test
    void refusesMessagesThatAreDamaged() {
        byte[] whole = new LimitMessage.Ask(LIMIT, RATE, 1, 2).octets();
        for (int length = 0; length < whole.length; length++) {
            byte[] torn = Arrays.copyOf(whole, length);
            assertThrows(IOException.class, () -> LimitMessage.read(torn));
        }
        assertThrows(IOException.class, () -> LimitMessage.read(new byte[] {'Z', 0, 0}));
    }
}
