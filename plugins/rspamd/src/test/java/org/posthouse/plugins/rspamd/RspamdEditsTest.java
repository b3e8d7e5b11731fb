// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Edit;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;

/** What the answers of rspamd change in a message. */
final class RspamdEditsTest {
    @RegisterExtension
    private final RspamdBench bench = new RspamdBench();

    @Test
    void tagsAndTakesTheMarksOfStrangersAway() throws IOException {
        bench.says("{\"action\":\"add header\",\"score\":7}");
        FakeTransaction tx = bench.transaction();
        assertInstanceOf(Verdict.Continue.class, bench.ask(tx));
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0), Edit.addHeader("X-Spam", "Yes")), tx.edits());
    }

    @Test
    void takesTheMarksOfStrangersAwayFromGoodMailToo() throws IOException {
        bench.says("{\"action\":\"no action\"}");
        FakeTransaction tx = bench.transaction();
        bench.ask(tx);
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0)), tx.edits());
    }

    @Test
    void editsFieldsAtThePositionsThatRspamdNames() throws IOException {
        bench.says("""
                {"action":"no action","milter":{
                 "remove_headers":{"X-Old":0,"x-old":-1,"Subject":2,"X-None":1},
                 "add_headers":{"X-A":"a","X-B":[{"value":"b1","order":1},{"value":"b2","order":0}],
                  "X-C":{"value":"c","order":-2},"X-D":{"value":"d","order":3},"X-E":{"value":"e","order":99},
                  "X-F":{"value":"one\\n\\ttwo\\r\\nthree\\n\\nfour","order":-1},"Bad Name":"x","X-G":""}}}""");
        FakeTransaction tx = bench.transaction();
        bench.ask(tx);
        assertEquals(
                List.of(
                        new Edit.RemoveHeader("X-Spam", 0),
                        new Edit.RemoveHeader("X-Old", 0),
                        new Edit.RemoveHeader("x-old", 3),
                        Edit.addHeader("X-A", "a"),
                        new Edit.InsertHeader(0, "X-B", "b1"),
                        new Edit.InsertHeader(0, "X-B", "b2"),
                        new Edit.InsertHeader(5, "X-C", "c"),
                        new Edit.InsertHeader(2, "X-D", "d"),
                        new Edit.InsertHeader(6, "X-E", "e"),
                        Edit.addHeader("X-F", "one\r\n\ttwo\r\n\tthree\r\n\tfour")),
                tx.edits());
    }

    @Test
    void leavesFieldsAloneWhereTheOperatorSaysSo() throws IOException {
        bench.says("""
                {"action":"add header","dkim-signature":"v=1","milter":{"add_headers":{"X-A":"a"},"spam_header":"maybe"}}""");
        bench.settings.put("milterHeaders", false);
        FakeTransaction tx = bench.transaction();
        bench.ask(tx);
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0), Edit.addHeader("X-Spam", "Yes")), tx.edits());
    }

    @Test
    void marksAsRspamdSays() throws IOException {
        bench.says("{\"action\":\"add header\",\"milter\":{\"spam_header\":\"7.5\"}}");
        FakeTransaction tx = bench.transaction();
        bench.ask(tx);
        assertEquals(Edit.addHeader("X-Spam", "7.5"), tx.edits().getLast());
        bench.says("{\"action\":\"add header\",\"milter\":{\"spam_header\":{\"X-Old\":\"new\"}}}");
        tx = bench.transaction();
        bench.ask(tx);
        assertEquals(
                List.of(
                        new Edit.RemoveHeader("X-Spam", 0),
                        new Edit.RemoveHeader("X-Old", 0),
                        Edit.addHeader("X-Old", "new")),
                tx.edits());
    }

    @Test
    void rewritesTheSubject() throws IOException {
        bench.says("{\"action\":\"rewrite subject\",\"subject\":\"[SPAM] hello\"}");
        FakeTransaction tx = bench.transaction();
        bench.ask(tx);
        assertEquals(
                new Edit.ChangeHeader("Subject", 1, "[SPAM] hello"), tx.edits().getLast());
        bench.fields = new String[] {"X-Other: none"};
        tx = bench.transaction();
        bench.ask(tx);
        assertEquals(List.of(Edit.addHeader("Subject", "[SPAM] hello")), tx.edits());
    }

    @Test
    void putsSignaturesOnTopWhenTold() throws IOException {
        bench.says("{\"action\":\"no action\",\"dkim-signature\":[\"v=1; a=x;\\n\\tb=1\",\"v=1; b=2\"]}");
        bench.settings.put("dkimSignature", true);
        bench.fields = new String[] {"Subject: x"};
        FakeTransaction tx = bench.transaction();
        bench.ask(tx);
        assertEquals(
                List.of(
                        Edit.prependHeader("DKIM-Signature", "v=1; a=x;\r\n\tb=1"),
                        Edit.prependHeader("DKIM-Signature", "v=1; b=2")),
                tx.edits());
    }

    @Test
    void removesTheMarkOfAStrangerAlsoWhereRspamdSaysNothing() {
        bench.settings.put("servers", new String[] {"http://127.0.0.1:1"});
        bench.fields = new String[] {"Subject: hello", "X-Spam: no, trust me"};
        FakeTransaction refused = bench.transaction();
        assertInstanceOf(Verdict.Defer.class, bench.ask(refused));
        assertEquals(List.of(), refused.edits());
        bench.settings.put("onError", "continue");
        FakeTransaction unheard = bench.transaction();
        assertInstanceOf(Verdict.Continue.class, bench.ask(unheard));
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0)), unheard.edits());
        bench.settings.put("maxSize", 20L);
        FakeTransaction big = bench.transaction();
        assertInstanceOf(Verdict.Continue.class, bench.ask(big));
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0)), big.edits());
        bench.session = FakeSession.with().trusted();
        FakeTransaction exempt = bench.transaction();
        assertEquals(Verdict.next(), bench.ask(exempt));
        assertEquals(List.of(), exempt.edits());
    }
}
