// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.plugins.milter.FakeMilter.packet;
import static org.posthouse.plugins.milter.MilterBench.GO_ON;
import static org.posthouse.plugins.milter.MilterBench.SOON;
import static org.posthouse.plugins.milter.MilterBench.refusal;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Edit;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.server.Await;

/** What the answers of a milter mean for the client and the message. */
final class MilterVerdictsTest {
    @RegisterExtension
    private final MilterBench bench = new MilterBench();

    private final FakeMilter milter = bench.milter;

    @Test
    void refusesWhatAMilterRefuses() throws IOException {
        milter.answers('C', packet('r'));
        assertEquals(554, refusal(bench.talk().connect()).code());
        milter.answers('C', packet('t'));
        assertEquals(421, refusal(bench.talk().connect()).code());
        milter.answers('C', GO_ON);
        milter.answers('H', packet('r'));
        Talk talk = bench.talk();
        talk.connect();
        assertEquals(new Reply(550, "5.7.1", "Command rejected"), refusal(talk.helo()));
        assertEquals(550, refusal(talk.mail()).code(), "what was refused at EHLO stays refused");
        milter.answers('H', GO_ON);
        milter.answers('M', packet('t'));
        assertEquals(
                new Reply(451, "4.7.1", "Service unavailable, try again later"),
                refusal(bench.talk().mail()));
    }

    @Test
    void givesTheClientTheReplyOfTheMilter() {
        milter.answers('M', packet('y', "553-5.1.8 Bad\r\n553 5.1.8 100%% sender"));
        assertEquals(
                new Reply(553, "5.1.8", "Bad 100% sender"), refusal(bench.talk().mail()));
        milter.answers('M', packet('y', "421 4.7.0 Go away"));
        assertEquals(
                new Reply(421, "4.7.0", "Go away"),
                assertInstanceOf(Verdict.Disconnect.class, bench.talk().mail()).reply());
        milter.answers('M', packet('4'));
        assertInstanceOf(Verdict.Disconnect.class, bench.talk().mail());
    }

    @Test
    void refusesOneRecipientAndGoesOnWithTheOthers() throws IOException {
        Talk talk = bench.talk();
        talk.mail();
        milter.once('R', packet('r'));
        assertEquals(550, refusal(talk.rcpt("bad@example.net")).code());
        assertEquals(Verdict.next(), talk.rcpt("good@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRRTLLNBE", milter.letters());
    }

    @Test
    void whatIsRefusedIsNotChanged() throws IOException {
        milter.answers('E', packet('h', "A", "1"), packet('r'));
        Talk talk = bench.talk();
        assertEquals(550, refusal(talk.whole()).code());
        assertEquals(List.of(), talk.edits());
    }

    @Test
    void holdsWhatAMilterQuarantines() throws IOException {
        milter.answers('E', packet('h', "A", "1"), packet('q', "looks odd"), GO_ON);
        Talk talk = bench.talk();
        assertEquals(
                "milter fake: looks odd",
                assertInstanceOf(Verdict.Hold.class, talk.whole()).reason());
        assertEquals(List.of(new Edit.AddHeader("A", "1")), talk.edits());
    }

    @Test
    void discardsTheMessageOnceItIsThere() throws IOException {
        milter.answers('R', packet('d'));
        Talk talk = bench.talk();
        talk.mail();
        assertEquals(Verdict.next(), talk.rcpt("b@example.net"));
        assertEquals(Verdict.next(), talk.rcpt("c@example.net"));
        assertInstanceOf(Verdict.Discard.class, talk.data());
        assertEquals("CHMR", milter.letters());
    }

    @Test
    void whatIsAcceptedIsNotAskedAboutAgain() throws Exception {
        milter.once('M', packet('a'));
        Talk talk = bench.talk();
        assertEquals(Verdict.next(), talk.whole());
        assertEquals("CHM", milter.letters());
        talk.ended("TX2");
        talk.mail();
        assertTrue(milter.letters().startsWith("CHM") && milter.letters().endsWith("M"), milter.letters());
        assertEquals(2, milter.letters().chars().filter(c -> c == 'M').count());
    }

    @Test
    void aSessionThatIsAcceptedIsLeft() throws IOException {
        milter.answers('H', packet('a'));
        assertEquals(Verdict.next(), bench.talk().whole());
        Await.until("the connection is closed", SOON, () -> milter.connections() == 0);
        assertEquals("CHQ", milter.letters());
    }
}
