// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.MAIL;
import static org.posthouse.api.Stage.RCPT;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Plugins.PluginException;
import org.posthouse.pipeline.spi.RecordedJson;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Replays.Outcome;
import org.posthouse.pipeline.spi.Replays.Recorded;
import org.posthouse.pipeline.spi.Replays.Recording;
import org.posthouse.pipeline.spi.Turn;

@Timeout(60)
final class ReplayTest {
    @TempDir
    private Path dir;

    private Tapes tapes;
    private Bench bench;
    private Replays replays;

    @BeforeEach
    void open() {
        tapes = Tapes.in(dir);
        bench = new Bench(tapes);
        replays = new HookReplays(bench.engine, (candidate, order) -> {
            throw new PluginException("there is no candidate");
        });
        bench.hook(RCPT, "r", (RcptHook)
                (tx, r) -> r.address().local().equals("bad") ? Verdict.reject("5.1.1", "Unknown") : Verdict.next());
    }

    /** Stands for a service that hooks ask. */
    private static String lookup(String question) {
        HookScope scope = HookScope.now();
        HookScope.Answers answers = scope == null ? null : scope.answers();
        if (answers != null) {
            return String.valueOf(answers.of("dns", question));
        }
        HookScope.Noting noting = HookScope.noting();
        if (noting != null) {
            noting.answered("dns", question, "live");
        }
        return "live";
    }

    private Recorded recorded() throws Exception {
        replays.record(new Recording("one", 100, true, 1));
        try (Turn turn = bench.transaction("bad@example.net", "good@example.net")) {
            bench.message(turn, "Subject: x\r\n\r\nb\u00e4dy\r\n");
            turn.queue();
        }
        assertEquals(Recording.NONE, replays.recording());
        tapes.close();
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("recordings"))));
        return replays.read("one", 0, 10).get(0);
    }

    @Test
    void recordsATransactionAndJudgesItTheSameAgain() throws Exception {
        List<String> heard = new ArrayList<>();
        bench.hook(MAIL, "m", (MailHook) (tx, s) -> {
            heard.add(lookup("a example.com"));
            return Verdict.next();
        });
        Recorded recorded = recorded();
        assertEquals(
                Map.of(
                        "mail",
                        "accept",
                        "rcpt bad@example.net",
                        "550 5.1.1 Unknown",
                        "rcpt good@example.net",
                        "accept",
                        "message",
                        "accept"),
                recorded.verdicts());
        assertEquals(Map.of("a example.com", "live"), recorded.dns());
        assertEquals("Subject: x\r\n", recorded.head());
        assertArrayEquals(
                "b\u00e4dy\r\n".getBytes(StandardCharsets.ISO_8859_1), Objects.requireNonNull(recorded.body()));
        int drafts = bench.drafts.size();
        Outcome outcome = replays.run(List.of(recorded), null).get(0);
        assertTrue(outcome.same(), outcome.toString());
        assertEquals(List.of("live", "live"), heard);
        assertTrue(bench.drafts.subList(drafts, bench.drafts.size()).stream().allMatch(d -> d.closed));
        assertEquals(3, outcome.steps().size());
        assertEquals(List.of(), bench.events);
        assertEquals(1, bench.tracer.recent(10).size());
    }

    @Test
    void addsNothingToWhatAWatchedVersionIsJudgedBy() throws Exception {
        Recorded recorded = recorded();
        Place place = bench.hook(MAIL, "bad", (MailHook) (tx, s) -> {
            throw new IllegalStateException("a bad version");
        });
        Counts.Sum before = Bench.GENERATION.sum();
        Counts.Sum ofThePlace = place.counts();
        for (int i = 0; i < 200; i++) {
            Outcome outcome = replays.run(List.of(recorded), null).get(0);
            assertTrue(outcome.verdicts().get("mail").startsWith("451"), outcome.toString());
        }
        assertEquals(before, Bench.GENERATION.sum());
        assertEquals(ofThePlace, place.counts());
        assertEquals(0, place.tally().calls() + place.tally().failures());
        assertEquals(List.of(), bench.events);
    }

    @Test
    void showsWhatIsJudgedOtherwise() throws Exception {
        Recorded recorded = recorded();
        bench.hook(DATA, "d", (DataHook) (tx, m) -> Verdict.hold("new rule"));
        Outcome outcome = replays.run(List.of(recorded), null).get(0);
        assertFalse(outcome.same());
        assertEquals("hold", outcome.verdicts().get("message"));
        assertEquals("accept", outcome.verdicts().get("mail"));
    }

    @Test
    void aMailFromAFileIsJudgedWithItsEnvelope() throws Exception {
        Recorded mail = RecordedJson.of(
                "Subject: y\n\nline\n".getBytes(StandardCharsets.ISO_8859_1),
                bench.facts("relay", true),
                "client.example",
                Sender.of(Address.of("a@example.com")),
                List.of(Recipient.of(Address.of("good@example.net"))));
        assertEquals("Subject: y\r\n", mail.head());
        Outcome outcome = replays.run(List.of(mail), null).get(0);
        assertEquals(
                Map.of("mail", "accept", "rcpt good@example.net", "accept", "message", "accept"), outcome.verdicts());
    }

    @Test
    void linesAreReadAsTheyWereWritten() throws Exception {
        Recorded recorded = recorded();
        assertEquals(RecordedJson.write(recorded), RecordedJson.write(RecordedJson.read(RecordedJson.write(recorded))));
        assertThrows(IllegalArgumentException.class, () -> RecordedJson.read("{\"id\":\"x\""));
    }

    @Test
    void refusesNamesThatLeaveTheFolderAndCandidatesThatAreNone() {
        assertThrows(IOException.class, () -> replays.record(new Recording("../x", 100, true, 1)));
        assertThrows(
                PluginException.class,
                () -> replays.run(List.of(), new Replays.Candidate("p", dir.resolve("x.jar"), "")));
    }
}
