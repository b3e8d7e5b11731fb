// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.plugins.milter.FakeMilter.packet;
import static org.posthouse.plugins.milter.MilterBench.SOON;
import static org.posthouse.plugins.milter.MilterBench.refusal;

import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.server.Await;

/** What happens when a milter gives no answer. */
final class MilterOutageTest {
    @RegisterExtension
    private final MilterBench bench = new MilterBench();

    private final FakeMilter milter = bench.milter;

    @Test
    void aMilterThatIsDownCountsAsConfigured() throws IOException {
        milter.close();
        assertEquals(Verdict.Continue.class, down("accept").getClass());
        assertEquals(new Reply(451, "4.7.1", "Service unavailable, try again later"), refusal(down("tempfail")));
        assertEquals(new Reply(550, "5.5.0", "Service unavailable"), refusal(down("reject")));
        assertInstanceOf(Verdict.Hold.class, down("quarantine"));
    }

    private Verdict down(String action) throws IOException {
        Talk talk = bench.talk(milter.address() + " whenDown=" + action);
        assertInstanceOf(Verdict.Continue.class, talk.connect());
        assertInstanceOf(Verdict.Continue.class, talk.helo());
        Verdict mail = talk.mail();
        if (mail instanceof Verdict.Refusal) {
            assertEquals(mail, talk.rcpt("b@example.net"), "a client that pipelines is told the same");
            return mail;
        }
        assertInstanceOf(Verdict.Continue.class, talk.rcpt("b@example.net"));
        return talk.data();
    }

    @Test
    void aSilentMilterIsNotWaitedForLongerThanConfigured() throws IOException {
        milter.answers('E');
        Talk talk = bench.talk(milter.address() + " contentTimeout=200ms");
        assertEquals(451, refusal(talk.whole()).code());
        milter.answers('M');
        Talk other = bench.talk(milter.address() + " commandTimeout=200ms whenDown=accept");
        assertInstanceOf(Verdict.Continue.class, other.mail());
        assertEquals(2.0, none(), "one answer to E, one to M");
    }

    private double none() {
        return bench.meters.get("posthouse.milter.answers").tag("answer", "none").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Test
    void progressIsNoAnswerAndNoSilence() throws IOException {
        milter.answers('M', FakeMilter.row(packet('p'), packet('p'), packet('r')));
        assertEquals(550, refusal(bench.talk().mail()).code());
    }

    @Test
    void aVersionThatNobodySpeaksIsNoAnswer() {
        milter.options(7, 0, 0);
        assertEquals(451, refusal(bench.talk().mail()).code());
        milter.options(1, 0, 0);
        assertEquals(451, refusal(bench.talk().mail()).code());
    }

    @Test
    void anInterruptedQuestionEndsSoon() throws Exception {
        milter.answers('M');
        Talk talk = bench.talk();
        Thread asked = Thread.ofVirtual().start(talk::mail);
        Await.until("the question", SOON, () -> milter.letters().endsWith("M"));
        asked.interrupt();
        assertTrue(asked.join(SOON), "it goes on");
    }

    @Test
    void aStoppedPluginDoesNotWaitForAnAnswer() throws Exception {
        milter.answers('M');
        Talk talk = bench.talk();
        AtomicReference<Verdict> verdict = new AtomicReference<>(Verdict.next());
        Thread asked = Thread.ofVirtual().start(() -> verdict.set(talk.mail()));
        Await.until("the question", SOON, () -> milter.letters().endsWith("M"));
        long begun = System.nanoTime();
        bench.stop();
        assertTrue(System.nanoTime() - begun < Duration.ofSeconds(5).toNanos(), "it waits for the milter");
        assertTrue(asked.join(SOON), "it goes on");
        assertEquals(451, refusal(verdict.get()).code());
    }
}
