// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.CONNECT;
import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.MAIL;
import static org.posthouse.api.Stage.RCPT;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Event;
import org.posthouse.api.Need;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Traces;
import org.posthouse.pipeline.spi.Traces.Step;
import org.posthouse.pipeline.spi.Traces.Trace;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.pipeline.trace.TraceSettings;
import org.posthouse.pipeline.trace.Tracer;

@Timeout(60)
final class TraceTest {
    private final Bench bench = new Bench();

    private Trace found(String id) {
        return bench.tracer.find(id).orElseThrow();
    }

    @Test
    void tellsOfAMessageWhatEachHookSaid() throws Exception {
        bench.hook(CONNECT, "first", (ConnectHook) s -> Verdict.next());
        bench.hook(MAIL, "spf", (MailHook) (tx, sender) -> {
            tx.score("SPF", 1.5);
            tx.result(new AuthResults.Result("spf", "pass", "", List.of()));
            return Verdict.next().because("listed");
        });
        bench.hook(
                DATA,
                "tag",
                (DataHook) (tx, message) -> {
                    tx.edit(Edit.addHeader("X-Seen", "1"));
                    return Verdict.hold("look at it");
                },
                Need.EDIT_HEADERS);
        String id;
        try (Conversation conversation = bench.trusted()) {
            conversation.connect();
            try (Turn turn = Bench.begin(conversation)) {
                id = turn.id().toString();
                turn.mail();
                turn.rcpt(org.posthouse.api.Recipient.of(org.posthouse.api.Address.of("b@example.net")));
                bench.message(turn, "Subject: x\r\n\r\nbody\r\n");
                turn.queue();
            }
        }
        Trace trace = found(id);
        assertEquals(
                List.of("first continue", "spf continue", "tag hold"),
                trace.steps().stream().map(s -> s.hook() + " " + s.verdict()).toList());
        Step spf = trace.steps().get(1);
        assertEquals(Map.of("SPF", 1.5), spf.scores());
        assertEquals(List.of("spf=pass"), spf.results());
        assertEquals("listed", spf.reason());
        assertEquals("1.0.0", spf.version());
        assertEquals("1@00000000", spf.generation());
        assertEquals("enforce", spf.mode());
        assertEquals(List.of("add header X-Seen: 1"), trace.steps().get(2).edits());
        assertTrue(trace.steps().get(2).atMicros() >= spf.atMicros());
        assertEquals("held", trace.decision());
        assertEquals("a@example.com", trace.facts().get("sender"));
        assertEquals("b@example.net", trace.facts().get("recipients"));
        assertEquals("192.0.2.1", trace.facts().get("peer"));
        assertEquals("test-plugin=1@00000000", trace.facts().get("stamp"));
        assertEquals(3, found("S1").steps().size());
    }

    @Test
    void aSessionThatWasRefusedHasATraceToo() {
        bench.hook(CONNECT, "block", (ConnectHook) s -> Verdict.reject(554, "5.7.1", "Go away"));
        try (Conversation conversation = bench.stranger()) {
            conversation.connect();
        }
        Trace trace = bench.tracer.recent(10).get(0);
        assertEquals("", trace.id());
        assertEquals("554 5.7.1 Go away", trace.decision());
        assertEquals("554 5.7.1 Go away", trace.steps().get(0).reply());
    }

    @Test
    void namesTheRecipientAndTheFailure() {
        bench.hook(RCPT, "bad", (RcptHook) (tx, recipient) -> {
            throw new IllegalStateException("broken");
        });
        String id;
        try (Turn turn = bench.transaction("b@example.net")) {
            id = turn.id().toString();
        }
        Step step = found(id).steps().get(0);
        assertEquals("b@example.net", step.about());
        assertEquals("failed: exception", step.verdict());
        assertTrue(step.reason().contains("broken"));
        assertEquals("451 4.3.0 Temporary failure, try again later", found(id).decision());
    }

    @Test
    void joinsTheEventsOfAMessage() {
        String id;
        try (Turn turn = bench.transaction("b@example.net")) {
            id = turn.id().toString();
        }
        bench.tracer.onEvent(
                Event.of(Event.Type.DELIVERY).with("id", id).with("host", "mx").build());
        bench.tracer.onEvent(Event.of(Event.Type.DELIVERY).with("id", "another").build());
        assertEquals(1, found(id).events().size());
        assertEquals("aborted", found(id).decision());
    }

    @Test
    void keepsNoMoreThanItMay() {
        for (int i = 0; i < 300; i++) {
            bench.transaction("b@example.net").close();
        }
        assertTrue(bench.tracer.recent(1000).size() <= 100);
        bench.tracer.settings(new TraceSettings(100, 100, 5000, 0));
        assertTrue(bench.tracer.octets() <= 5000);
    }

    @Test
    void storesWhatAWatchWaitsForAndReadsItAfterARestart(@TempDir Path dir) {
        Tracer tracer = new Tracer(dir, new TraceSettings(0, 10, 100_000, 2));
        Traces.Watch watch = tracer.watch(new Traces.Wanted("@example.com", "", "192.0.2.0/24", 1));
        try (tracer) {
            Bench watched = new Bench(tracer);
            watched.hook(MAIL, "m", (MailHook) (tx, sender) -> Verdict.next().because("\"ünd\"\r\n"));
            Turn turn = watched.transaction("b@example.net");
            turn.close();
            assertEquals(List.of(), tracer.watches());
            assertEquals("W1", watch.id());
            tracer.onEvent(Event.of(Event.Type.BOUNCE)
                    .with("id", turn.id().toString())
                    .with("code", 550)
                    .build());
        }
        Tracer next = new Tracer(dir, TraceSettings.OFF);
        String id = next.stored().get(0);
        Trace trace = next.find(id).orElseThrow();
        assertEquals("\"ünd\"\r\n", trace.steps().get(0).reason());
        assertEquals("a@example.com", trace.facts().get("sender"));
        assertEquals(550L, trace.events().get(0).facts().get("code"));
        assertTrue(next.find("../" + id).isEmpty());
    }

    @Test
    void traceOffKeepsNothing() {
        bench.tracer.settings(TraceSettings.OFF);
        try (Turn turn = bench.transaction("b@example.net")) {
            assertTrue(bench.tracer.find(turn.id().toString()).isEmpty());
        }
        assertEquals(List.of(), bench.tracer.recent(10));
    }
}
