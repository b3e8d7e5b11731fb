// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.plugins.milter.FakeMilter.packet;
import static org.posthouse.plugins.milter.MilterBench.GO_ON;
import static org.posthouse.plugins.milter.MilterBench.refusal;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Edit;
import org.posthouse.api.Verdict;

/** What milters that are asked one after the other see of each other. */
final class SeveralMiltersTest {
    @RegisterExtension
    private final MilterBench bench = new MilterBench();

    private final FakeMilter milter = bench.milter;

    @Test
    void theSecondMilterSeesWhatTheFirstOneLeft() throws IOException {
        try (FakeMilter second = new FakeMilter()) {
            milter.answers(
                    'E', packet('h', "A", "1"), packet('m', 1, "X", ""), packet('b', "new\r\n".getBytes()), GO_ON);
            second.answers('E', packet('m', 1, "A", "2"), GO_ON);
            Talk talk = bench.talk(milter.address(), second.address());
            assertEquals(Verdict.next(), talk.whole());
            assertEquals(
                    List.of("LSubject|hello|", "LA|1|", "B5"),
                    second.steps().stream()
                            .filter(step -> step.matches("[LB].*"))
                            .toList());
            assertEquals("new\r\n", second.body());
            assertEquals(
                    List.of(new Edit.RemoveHeader("X", 1), new Edit.AddHeader("A", "2")),
                    talk.edits().subList(0, 2));
        }
    }

    @Test
    void whenTheSecondMilterRefusesTheFirstOnesChangesAreNotMade() throws IOException {
        try (FakeMilter second = new FakeMilter()) {
            milter.answers('E', packet('h', "A", "1"), GO_ON);
            second.answers('E', packet('r'));
            Talk talk = bench.talk(milter.address(), second.address());
            assertEquals(550, refusal(talk.whole()).code());
            assertEquals(List.of(), talk.edits());
        }
    }

    @Test
    void anEarlierMilterKeepsItsHoldWhateverLaterOnesSay() throws IOException {
        try (FakeMilter second = new FakeMilter()) {
            milter.answers('E', packet('q', "odd"), GO_ON);
            Talk talk = bench.talk(milter.address() + " name=first", second.address());
            assertEquals(
                    "milter first: odd",
                    assertInstanceOf(Verdict.Hold.class, talk.whole()).reason());
            assertTrue(second.letters().endsWith("E"), second.letters());
        }
    }

    @Test
    void anEarlierMilterKeepsItsHoldWhenALaterOneDiscards() throws IOException {
        try (FakeMilter second = new FakeMilter();
                FakeMilter third = new FakeMilter()) {
            milter.answers('E', packet('h', "A", "1"), packet('q', "odd"), GO_ON);
            second.answers('E', packet('h', "B", "1"), packet('d'));
            third.answers('E', packet('h', "C", "1"), GO_ON);
            Talk talk = bench.talk(milter.address() + " name=first", second.address(), third.address());
            assertEquals(
                    "milter first: odd",
                    assertInstanceOf(Verdict.Hold.class, talk.whole()).reason());
            assertEquals(List.of(new Edit.AddHeader("A", "1"), new Edit.AddHeader("C", "1")), talk.edits());
        }
    }
}
