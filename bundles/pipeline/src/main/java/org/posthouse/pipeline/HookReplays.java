// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Recipient;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.pipeline.spi.Traces.Step;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.pipeline.trace.ShadowReports;
import org.posthouse.pipeline.trace.TraceSettings;
import org.posthouse.pipeline.trace.Tracer;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;

/**
 * Asks the hooks in force, or an order with a candidate in it, about transactions that were recorded. The run has counts,
 * failures and traces of its own and ends before the commit, so that nothing of it is left.
 *
 * <p>A question to DNS that was not recorded is really asked, for a candidate may ask what nobody asked before.
 */
public final class HookReplays implements Replays {
    private static final TraceSettings EVERYTHING = new TraceSettings(100, 10, 100_000_000, 0);

    private final Engine engine;
    private final Candidates candidates;

    public HookReplays(Engine engine, Candidates candidates) {
        this.engine = engine;
        this.candidates = candidates;
    }

    @Override
    public List<Outcome> run(List<Recorded> transactions, @Nullable Candidate candidate)
            throws Plugins.PluginException {
        Snapshot held = engine.snapshots().hold();
        try {
            Map<org.posthouse.api.Stage, List<Place>> order = copy(Snapshots.order(held));
            if (candidate == null) {
                return judge(transactions, order);
            }
            try (Candidates.Trial trial = candidates.raise(candidate, order)) {
                return judge(transactions, trial.order());
            }
        } finally {
            held.release();
        }
    }

    /** The same hooks with counts of their own: a replay opens no breaker, moves no meter and rolls no version back. */
    private static Map<org.posthouse.api.Stage, List<Place>> copy(Map<org.posthouse.api.Stage, List<Place>> order) {
        Map<org.posthouse.api.Stage, List<Place>> copy = new EnumMap<>(org.posthouse.api.Stage.class);
        Map<Generation, Generation> apart = new HashMap<>();
        order.forEach((stage, places) -> copy.put(
                stage,
                places.stream()
                        .map(place -> new Place(
                                place.spec(),
                                apart.computeIfAbsent(place.generation(), Generation::apart),
                                place.hook(),
                                place.terms(),
                                new Tally(new Burden()),
                                new Guard()))
                        .toList()));
        return copy;
    }

    private List<Outcome> judge(List<Recorded> transactions, Map<org.posthouse.api.Stage, List<Place>> order) {
        Snapshots snapshots = new Snapshots();
        snapshots.flip(order);
        try (Tracer tracer = new Tracer(EVERYTHING)) {
            Engine apart = new Engine(
                    snapshots,
                    engine.spool(),
                    new Failures(event -> {}, new SimpleMeterRegistry()),
                    engine.hostname(),
                    tracer,
                    new ShadowReports(event -> {}),
                    Tapes.none());
            return transactions.stream().map(one -> judge(apart, one)).toList();
        }
    }

    private static Outcome judge(Engine apart, Recorded recorded) {
        Map<String, String> verdicts = new LinkedHashMap<>();
        String id = id(recorded).toString();
        HookScope.Answers answers =
                (service, question) -> service.equals("dns") ? recorded.dns().get(question) : null;
        SessionState session = SessionState.replayed(apart, recorded.facts(), answers);
        try (HookConversation conversation = new HookConversation(apart, session)) {
            if (greeted(conversation, recorded, verdicts)) {
                try (Turn turn = conversation.begin(id(recorded), recorded.sender())) {
                    id = turn.id().toString();
                    transact(apart, turn, recorded, verdicts);
                }
            }
        }
        List<Step> steps = new ArrayList<>();
        apart.tracer()
                .find(id)
                .or(() -> apart.tracer().find(recorded.facts().session()))
                .ifPresent(trace -> steps.addAll(trace.steps()));
        return new Outcome(recorded.id(), verdicts.equals(recorded.verdicts()), verdicts, steps);
    }

    private static MessageId id(Recorded recorded) {
        try {
            return MessageId.parse(recorded.id());
        } catch (IllegalArgumentException e) {
            return MessageId.next();
        }
    }

    /** Whether it comes to MAIL: it did when it was recorded. */
    private static boolean greeted(HookConversation conversation, Recorded recorded, Map<String, String> verdicts) {
        Decision connect = conversation.connect();
        if (connect.refuses()) {
            verdicts.put("connect", Tape.text(connect));
            return false;
        }
        if (!recorded.tls().equals(recorded.facts().tls())) {
            conversation.secured(recorded.tls());
        }
        Decision helo = conversation.helo(recorded.helo(), recorded.extended());
        if (helo.refuses()) {
            verdicts.put("helo", Tape.text(helo));
            return false;
        }
        if (!recorded.user().isEmpty()) {
            conversation.authenticated(recorded.user());
        }
        return true;
    }

    private static void transact(Engine apart, Turn turn, Recorded recorded, Map<String, String> verdicts) {
        Decision mail = turn.mail();
        verdicts.put("mail", Tape.text(mail));
        if (mail.refuses()) {
            return;
        }
        for (Recipient recipient : recorded.recipients()) {
            verdicts.put(Tape.key(recipient), Tape.text(turn.rcpt(recipient)));
        }
        boolean sent = !recorded.head().isEmpty() || recorded.body() != null;
        if (!sent || turn.recipients().isEmpty()) {
            return;
        }
        verdicts.put("message", message(apart, turn, recorded));
    }

    private static String message(Engine apart, Turn turn, Recorded recorded) {
        Decision headers = turn.headers(recorded.head());
        if (headers.refuses()) {
            return Tape.text(headers);
        }
        try (Draft draft = apart.spool().draft(MessageId.next())) {
            write(draft, recorded.head().getBytes(StandardCharsets.ISO_8859_1));
            write(draft, new byte[] {'\r', '\n'});
            byte[] body = recorded.body();
            if (body != null) {
                write(draft, body);
            }
            Decision decision = turn.message(draft, draft.finish(), "");
            if (decision.refuses()) {
                return Tape.text(decision);
            }
            Sealed sealed = turn.queue();
            Draft replacement = sealed.replacement();
            if (replacement != null) {
                replacement.close();
            }
            return Tape.text(sealed.decision());
        } catch (IOException e) {
            return "451 4.3.0 the spool can not be written: " + e.getMessage();
        }
    }

    private static void write(Draft draft, byte[] octets) throws IOException {
        draft.write(octets, 0, octets.length);
    }

    @Override
    public Recording record(Recording wanted) throws IOException {
        return engine.tapes().record(wanted);
    }

    @Override
    public Recording recording() {
        return engine.tapes().wanted();
    }

    @Override
    public List<Recorded> read(String name, int from, int most) throws IOException {
        return engine.tapes().read(name, from, most);
    }
}
