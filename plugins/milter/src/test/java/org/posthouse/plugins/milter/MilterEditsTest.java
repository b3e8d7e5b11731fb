// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.posthouse.plugins.milter.FakeMilter.packet;
import static org.posthouse.plugins.milter.MilterBench.GO_ON;
import static org.posthouse.plugins.milter.MilterBench.refusal;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Recipient;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeBody;

/** What a milter may change at the end of the message. */
final class MilterEditsTest {
    @RegisterExtension
    private final MilterBench bench = new MilterBench();

    private final FakeMilter milter = bench.milter;

    @Test
    void makesEveryChangeThatAMilterMayMake() throws IOException {
        milter.answers(
                'E',
                packet('p'),
                packet('h', "Added", "one\n\ttwo"),
                packet('i', 1, "Top", "first"),
                packet('i', 0, "Very-Top", "zeroth"),
                packet('m', 1, "Subject", "changed"),
                packet('m', 1, "X", ""),
                packet('e', "<new@example.org>", "RET=HDRS"),
                packet('+', "<c@example.net>"),
                packet('2', "<d@example.net>", "NOTIFY=NEVER ORCPT=rfc822;d+2Bx@example.net"),
                packet('-', "<b@example.net>"),
                packet('b', "new\nbo".getBytes()),
                packet('b', "dy\r\n".getBytes()),
                packet('a'));
        Talk talk = bench.talk();
        assertEquals(Verdict.next(), talk.whole());
        List<Edit> edits = talk.edits();
        assertEquals(
                List.of(
                        new Edit.RemoveHeader("X", 1),
                        new Edit.ChangeHeader("Subject", 1, "changed"),
                        new Edit.InsertHeader(0, "Top", "first"),
                        new Edit.InsertHeader(0, "Very-Top", "zeroth"),
                        new Edit.AddHeader("Added", "one\r\n\ttwo"),
                        new Edit.ChangeSender(Address.of("new@example.org")),
                        new Edit.RemoveRecipient(Address.of("b@example.net")),
                        new Edit.AddRecipient(Recipient.of(Address.of("c@example.net"))),
                        new Edit.AddRecipient(
                                new Recipient(Address.of("d@example.net"), "NEVER", "rfc822;d+x@example.net"))),
                edits.subList(0, edits.size() - 1));
        FakeBody body = (FakeBody)
                assertInstanceOf(Edit.ReplaceBody.class, edits.getLast()).body();
        assertEquals("new\r\nbody\r\n", body.text());
        assertEquals(
                1,
                bench.meters
                        .get("posthouse.milter.answers")
                        .tag("milter", "fake")
                        .tag("answer", "changesender")
                        .counter()
                        .count());
    }

    @Test
    void addingARecipientWhoIsThereChangesNothing() throws IOException {
        milter.answers('E', packet('+', "<b@example.net>"), packet('+', "<c@example.net>"), GO_ON);
        Talk talk = bench.talk();
        talk.mail();
        talk.rcpt(new Recipient(Address.of("b@example.net"), "NEVER", "rfc822;B@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals(List.of(new Edit.AddRecipient(Recipient.of(Address.of("c@example.net")))), talk.edits());
    }

    @Test
    void addingARecipientWhoIsThereWithParametersReplacesThem() throws IOException {
        milter.answers('E', packet('2', "<b@example.net>", "NOTIFY=DELAY"), GO_ON);
        Talk talk = bench.talk();
        talk.mail();
        talk.rcpt(new Recipient(Address.of("b@example.net"), "NEVER", "rfc822;B@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals(
                List.of(
                        new Edit.RemoveRecipient(Address.of("b@example.net")),
                        new Edit.AddRecipient(new Recipient(Address.of("b@example.net"), "DELAY", ""))),
                talk.edits());
    }

    @Test
    void takesANewBodyInAsManyPacketsAsItComes() throws IOException {
        byte[] packet = packet('b', "line\r\n".getBytes());
        byte[][] packets = new byte[10_001][];
        Arrays.fill(packets, packet);
        milter.answers('E', FakeMilter.row(packets), GO_ON);
        Talk talk = bench.talk();
        assertEquals(Verdict.next(), talk.whole());
        FakeBody body =
                (FakeBody) assertInstanceOf(Edit.ReplaceBody.class, talk.edits().getFirst())
                        .body();
        assertEquals("line\r\n".repeat(packets.length), body.text());
    }

    @Test
    void moreChangesThanAMessageHasNeedOfAreNoAnswer() throws IOException {
        byte[][] packets = new byte[10_001][];
        Arrays.fill(packets, packet('h', "A", "1"));
        milter.answers('E', FakeMilter.row(packets), GO_ON);
        assertEquals(451, refusal(bench.talk().whole()).code());
    }

    @Test
    void putsALongBodyInPlace() throws IOException {
        byte[] chunk = "0123456789abcd\r\n".repeat(4000).getBytes();
        milter.answers(
                'E',
                packet('b', chunk),
                packet('b', chunk),
                packet('b', chunk),
                packet('b', chunk),
                packet('b', chunk),
                GO_ON);
        Talk talk = bench.talk();
        assertEquals(Verdict.next(), talk.whole());
        FakeBody body =
                (FakeBody) assertInstanceOf(Edit.ReplaceBody.class, talk.edits().getFirst())
                        .body();
        assertEquals("0123456789abcd\r\n".repeat(20_000), body.text());
    }

    @Test
    void aBodyBeyondTheLimitIsNoAnswer() throws IOException {
        bench.settings.put("maxBody", 100L);
        milter.answers('E', packet('b', new byte[101]), GO_ON);
        Talk talk = bench.talk();
        assertEquals(451, refusal(talk.whole()).code());
        assertEquals(List.of(), talk.edits());
    }

    @Test
    void whatAMilterHasNoLeaveToDoIsNoAnswer() throws IOException {
        milter.options(6, Options.ADD_HEADERS, 0);
        milter.answers('E', packet('h', "A", "1"), packet('-', "<b@example.net>"), GO_ON);
        Talk talk = bench.talk();
        assertEquals(451, refusal(talk.whole()).code());
        assertEquals(List.of(), talk.edits());
        milter.answers('E', GO_ON);
        milter.answers('M', packet('h', "A", "1"), GO_ON);
        assertEquals(451, refusal(bench.talk().mail()).code());
    }

    @Test
    void aPathThatIsNoneIsNoAnswer() throws IOException {
        for (String path : List.of(
                "", "<>", "<a b@example.org>", "<a\r\n@example.org>", "<\"a\" b@example.org>", "x".repeat(1001))) {
            milter.answers('E', packet('+', path), GO_ON);
            assertEquals(451, refusal(bench.talk().whole()).code(), path);
        }
    }

    @Test
    void aPathMayHoldInQuotesWhatWouldEndItElsewhere() throws IOException {
        milter.answers('E', packet('+', "<\"a> \\\"b\"@example.org>"), GO_ON);
        Talk talk = bench.talk();
        assertEquals(Verdict.next(), talk.whole());
        assertEquals(
                List.of(new Edit.AddRecipient(Recipient.of(new Address("\"a> \\\"b\"", "example.org")))), talk.edits());
    }
}
