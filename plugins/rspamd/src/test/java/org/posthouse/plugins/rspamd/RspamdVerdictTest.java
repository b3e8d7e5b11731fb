// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Edit;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;

/** What the answers of rspamd mean for the client. */
final class RspamdVerdictTest {
    @RegisterExtension
    private final RspamdBench bench = new RspamdBench();

    @Test
    void tellsTheClientWhatRspamdWantsItTold() throws IOException {
        bench.says("""
                {"action":"reject","score":15.5,"required_score":15,"messages":{"smtp_message":"Gtube\\r\\npattern \u00fc"},
                 "symbols":{"A":{"name":"A","score":0.5},"GTUBE":{"name":"GTUBE","score":-7},"B":{"score":3.25}}}""");
        bench.settings.put("symbols", 2);
        Verdict.Reject verdict = assertInstanceOf(Verdict.Reject.class, bench.ask());
        assertEquals("550 5.7.1 Gtube pattern ?", verdict.reply().toString());
        assertEquals("rspamd: reject 15.50 of 15.00: GTUBE -7.00, B 3.25", verdict.reason());
    }

    @Test
    void saysSomethingItselfWhereRspamdSaysNothing() throws IOException {
        bench.says("{\"action\":\"reject\"}");
        assertEquals(
                "550 5.7.1 Message refused as unwanted",
                assertInstanceOf(Verdict.Reject.class, bench.ask()).reply().toString());
    }

    @Test
    void defersWhatIsSoftlyRejected() throws IOException {
        bench.says("{\"action\":\"soft reject\",\"messages\":{\"smtp_message\":\"Greylisted\"}}");
        FakeTransaction tx = bench.transaction();
        assertEquals(
                "451 4.7.1 Greylisted",
                assertInstanceOf(Verdict.Defer.class, bench.ask(tx)).reply().toString());
        assertEquals(List.of(), tx.edits());
    }

    @Test
    void greylistsUntilTheClientHasWaited() throws IOException {
        bench.says("{\"action\":\"greylist\",\"score\":5}");
        assertInstanceOf(Verdict.Defer.class, bench.ask());
        bench.clock.pass(Duration.ofMinutes(4));
        assertInstanceOf(Verdict.Defer.class, bench.ask());
        bench.clock.pass(Duration.ofMinutes(1));
        assertInstanceOf(Verdict.Continue.class, bench.ask());
        bench.session = FakeSession.with().peer("198.51.100.9");
        assertInstanceOf(Verdict.Defer.class, bench.ask(), "another network waits too");
    }

    @Test
    void letsNobodyWaitTwice() throws IOException {
        bench.says("{\"action\":\"soft reject\"}");
        assertInstanceOf(Verdict.Defer.class, bench.ask());
        bench.clock.pass(Duration.ofMinutes(6));
        bench.says("{\"action\":\"greylist\"}");
        assertInstanceOf(Verdict.Continue.class, bench.ask());
    }

    @Test
    void doesWhatTheOperatorMadeOfEachAction() throws IOException {
        bench.says("{\"action\":\"reject\"}");
        bench.settings.put("reject", "hold");
        assertInstanceOf(Verdict.Hold.class, bench.ask());
        bench.settings.put("reject", "tag");
        FakeTransaction tx = bench.transaction();
        assertInstanceOf(Verdict.Continue.class, bench.ask(tx));
        assertEquals(Edit.addHeader("X-Spam", "Yes"), tx.edits().getLast());
        bench.says("{\"action\":\"discard\"}");
        assertInstanceOf(Verdict.Discard.class, bench.ask());
        bench.says("{\"action\":\"quarantine\"}");
        assertInstanceOf(Verdict.Hold.class, bench.ask());
        bench.says("{\"action\":\"phone the postmaster\"}");
        assertInstanceOf(Verdict.Continue.class, bench.ask());
        assertEquals(1.0, bench.count("other"));
    }

    @Test
    void honoursWhatIsAskedInPlaceOfARefusal() throws IOException {
        bench.says("{\"action\":\"reject\",\"milter\":{\"reject\":\"quarantine\"}}");
        assertInstanceOf(Verdict.Hold.class, bench.ask());
        bench.says("{\"action\":\"reject\",\"milter\":{\"reject\":\"discard\"}}");
        assertInstanceOf(Verdict.Discard.class, bench.ask());
        bench.says("{\"action\":\"reject\",\"milter\":{\"no_action\":true}}");
        assertInstanceOf(Verdict.Continue.class, bench.ask());
    }

    @Test
    void boundsTheScore() throws IOException {
        bench.says("{\"action\":\"no action\",\"score\":-1e300}");
        FakeTransaction tx = bench.transaction();
        bench.ask(tx);
        assertEquals(Map.of("RSPAMD", -20.0), tx.scores());
        bench.settings.put("maxScore", 0.0);
        tx = bench.transaction();
        bench.ask(tx);
        assertEquals(Map.of(), tx.scores());
    }

    @Test
    void hasNoOpinionWhereRspamdSkipped() throws IOException {
        bench.says("{\"is_skipped\":true,\"action\":\"no action\",\"score\":3}");
        FakeTransaction tx = bench.transaction();
        assertInstanceOf(Verdict.Continue.class, bench.ask(tx));
        assertEquals(Map.of(), tx.scores());
    }

    @Test
    void refusesWhatRspamdRefusedWithoutALook() throws IOException {
        bench.says("{\"is_skipped\":true,\"action\":\"reject\",\"score\":15.0}");
        assertInstanceOf(Verdict.Reject.class, bench.ask());
    }
}
