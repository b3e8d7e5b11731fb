// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Stage;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Limiter;
import org.posthouse.api.service.SharedState;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.FakeLimiter;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

/** The fakes refuse what the core refuses, and keep what a hook leaves. */
final class FakesTest {
    private final SettableClock clock = SettableClock.at(Instant.EPOCH);

    @Test
    void refusesAnEditThatWasNotDeclared() {
        FakeTransaction tx = FakeTransaction.at(Stage.DATA).build();
        assertThrows(SecurityException.class, () -> tx.edit(Edit.addHeader("X", "y")));
        assertEquals(List.of(), tx.edits());
    }

    @Test
    void refusesAnEditThatTheStageDoesNotKnow() {
        FakeTransaction tx =
                FakeTransaction.at(Stage.MAIL).needs(Need.EDIT_HEADERS).build();
        assertThrows(IllegalStateException.class, () -> tx.edit(Edit.addHeader("X", "y")));
    }

    @Test
    void keepsEditsInOrder() {
        FakeTransaction tx =
                FakeTransaction.at(Stage.QUEUE).needs(Need.EDIT_HEADERS).build();
        tx.edit(Edit.addHeader("X", "y"));
        tx.edit(Edit.prependHeader("Z", "z"));
        assertEquals(List.of(Edit.addHeader("X", "y"), Edit.prependHeader("Z", "z")), tx.edits());
    }

    @Test
    void givesTheBodyOnlyToThoseWhoDeclareIt() throws IOException {
        FakeTransaction.Builder mail =
                FakeTransaction.at(Stage.DATA).headers("Subject: x").body("hello\r\n");
        assertThrows(SecurityException.class, () -> mail.build().message().current());
        String text = new String(
                mail.needs(Need.BODY).build().message().received().open().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("Subject: x\r\n\r\nhello\r\n", text);
    }

    @Test
    void showsThePeerOnlyToThoseWhoDeclareIt() {
        FakeSession.Builder session = FakeSession.with().peer("192.0.2.7");
        assertTrue(session.build().peer().address().getAddress().isAnyLocalAddress());
        assertEquals(
                "192.0.2.7",
                session.needs(Need.PEER).build().peer().address().getAddress().getHostAddress());
    }

    @Test
    void refusesAMessageNoteThatCanNotTravel() {
        FakeTransaction tx = FakeTransaction.at(Stage.MAIL).build();
        Note<Object> note = new Note<>("test.any", Object.class, Note.Scope.MESSAGE);
        assertThrows(IllegalArgumentException.class, () -> tx.put(note, Address.NULL));
        tx.put(note, 7L);
        assertEquals(Optional.of(7L), tx.get(note));
    }

    @Test
    void tellsTheTenantThatAnEarlierHookNamed() {
        assertEquals(
                "acme", FakeTransaction.at(Stage.RCPT).tenant("acme").build().tenant());
    }

    @Test
    void namesThatNobodyToldOfDoNotExist() {
        FakeDns dns = new FakeDns().mx("example.org", 10, "mx.example.org").address("mx.example.org", "192.0.2.1");
        assertEquals(
                List.of(new Dns.Mx(10, "mx.example.org")), dns.mx("EXAMPLE.org").records());
        assertEquals(Dns.Status.NO_DATA, dns.txt("example.org").status());
        assertEquals(Dns.Status.NO_NAME, dns.mx("example.net").status());
        assertEquals(
                List.of("mx.example.org"),
                dns.ptr(dns.a("mx.example.org").records().get(0)).records());
    }

    @Test
    void aBrokenNameCanNotBeToldNow() {
        FakeDns dns = new FakeDns().servfail("a.example").silent("b.example").limit(Duration.ofMillis(1));
        assertEquals(Dns.Status.TEMPORARY, dns.mx("a.example").status());
        assertEquals(Dns.Status.TEMPORARY, dns.mx("b.example").status());
        assertEquals(List.of("mx a.example", "mx b.example"), dns.questions());
    }

    @Test
    void stateExpiresByTheClockOfTheTest() {
        FakeState state = new FakeState(clock);
        SharedState.Table<String> table = state.table("t", String.class);
        table.put("k", "v", Duration.ofMinutes(1));
        SharedState.Counters counters = state.counters("c");
        assertEquals(2, counters.add("k", 2, Duration.ofMinutes(1)));
        clock.pass(Duration.ofSeconds(59));
        assertEquals(Optional.of("v"), table.get("k"));
        assertEquals(3, counters.add("k", 1, Duration.ofMinutes(1)));
        clock.pass(Duration.ofSeconds(1));
        assertEquals(Optional.empty(), table.get("k"));
        assertEquals(0, counters.get("k"));
        state.failing(true);
        assertThrows(IllegalStateException.class, () -> table.get("k"));
    }

    @Test
    void limitsGiveBackWithTime() {
        FakeLimiter limiter = new FakeLimiter(clock);
        Limiter.Rate rate = new Limiter.Rate(60, Duration.ofMinutes(1), 2);
        assertTrue(limiter.take("k", rate, 2).granted());
        assertEquals(new Limiter.Grant(false, Duration.ofSeconds(1)), limiter.take("k", rate, 1));
        clock.pass(Duration.ofSeconds(1));
        assertTrue(limiter.take("k", rate, 1).granted());
        assertFalse(limiter.take("k", rate, 1).granted());
    }
}
