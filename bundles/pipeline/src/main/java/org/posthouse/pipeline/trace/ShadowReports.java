// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Event;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Traces.Step;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what hooks in shadow mode, and each of two generations side by side, say; keeps some of it as samples. */
public final class ShadowReports implements Shadows {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowReports.class);
    private static final int MOST_REPORTS = 200;
    private static final int MOST_LINES = 500;
    private static final int MOST_SAMPLES = 50;
    private static final String OTHER = "other";

    /** The mode of a report of one of two generations. */
    public static final String CANARY = "canary";

    /** The mode of a report of a hook whose answers do not count. */
    public static final String SHADOW = "shadow";

    private final EventSink events;
    private final Map<Subject, Count> counts = new LinkedHashMap<>();

    /** Who is reported on. */
    private record Subject(String hook, String plugin, String generation, String mode) {}

    /** A kind of answers. */
    private record Kind(Stage stage, String verdict, boolean edits, String domain) {}

    /** What was counted of one subject. */
    private static final class Count {
        final Instant since = Instant.now();
        final Map<Kind, Long> lines = new HashMap<>();
        final Deque<Sample> samples = new ArrayDeque<>();
        long asked;
        long failed;
        long micros;
    }

    /** Nothing is known yet; tells this sink of each answer in shadow mode that would have changed something. */
    public ShadowReports(EventSink events) {
        this.events = events;
    }

    /**
     * Takes an answer.
     *
     * @param mode {@link #SHADOW} or {@link #CANARY}
     * @param step what was said
     * @param session the session
     * @param id the message, or empty
     * @param sender the reverse-path, or empty
     */
    public void answered(String mode, Step step, String session, String id, String sender) {
        boolean failed = step.verdict().startsWith("failed: ");
        boolean changes =
                !failed && (!step.verdict().equals("continue") || !step.edits().isEmpty());
        count(mode, step, session, id, sender, failed, changes);
        if (changes && mode.equals(SHADOW)) {
            tell(step, session, id);
        }
    }

    private synchronized void count(
            String mode, Step step, String session, String id, String sender, boolean failed, boolean changes) {
        Subject subject = new Subject(step.hook(), step.plugin(), step.generation(), mode);
        Count count = counts.computeIfAbsent(subject, s -> new Count());
        if (counts.size() > MOST_REPORTS) {
            counts.remove(counts.keySet().iterator().next());
        }
        count.asked++;
        count.micros += step.micros();
        count.failed += failed ? 1 : 0;
        String domain = sender.substring(sender.lastIndexOf('@') + 1);
        Kind kind = new Kind(step.stage(), step.verdict(), !step.edits().isEmpty(), domain);
        if (count.lines.size() >= MOST_LINES && !count.lines.containsKey(kind)) {
            // What plugins may say is bounded, and so is what stands here: by kind but for the domain.
            kind = new Kind(step.stage(), step.verdict(), !step.edits().isEmpty(), OTHER);
        }
        count.lines.merge(kind, 1L, Long::sum);
        if (changes) {
            count.samples.addFirst(new Sample(
                    Instant.now(),
                    id,
                    session,
                    step.stage(),
                    sender,
                    step.about(),
                    step.verdict(),
                    step.reason(),
                    step.edits(),
                    step.scores()));
            if (count.samples.size() > MOST_SAMPLES) {
                count.samples.removeLast();
            }
        }
    }

    private void tell(Step step, String session, String id) {
        try {
            events.publish(Event.of(Event.Type.SHADOW)
                    .with("session", session)
                    .with("id", id)
                    .with("hook", step.hook())
                    .with("plugin", step.plugin())
                    .with("generation", step.generation())
                    .with("stage", step.stage().name())
                    .with("about", step.about())
                    .with("verdict", step.verdict())
                    .with("reply", step.reply())
                    .with("reason", step.reason())
                    .with("edits", String.join("; ", step.edits()))
                    .build());
        } catch (RuntimeException e) {
            LOG.error("What hook {} would have changed could not be told", step.hook(), e);
        }
    }

    @Override
    public synchronized List<Report> reports() {
        List<Report> reports = new ArrayList<>();
        counts.forEach((subject, count) -> reports.add(report(subject, count)));
        return reports;
    }

    private static Report report(Subject subject, Count count) {
        List<Line> lines = new ArrayList<>();
        count.lines.forEach((kind, number) ->
                lines.add(new Line(kind.stage(), kind.verdict(), kind.edits(), kind.domain(), number)));
        lines.sort(Comparator.comparingLong(Line::count)
                .reversed()
                .thenComparing(Line::stage)
                .thenComparing(Line::verdict)
                .thenComparing(Line::senderDomain));
        return new Report(
                subject.hook(),
                subject.plugin(),
                subject.generation(),
                subject.mode(),
                count.since,
                count.asked,
                count.failed,
                count.asked == 0 ? 0 : (double) count.micros / count.asked,
                lines,
                List.copyOf(count.samples));
    }

    @Override
    public synchronized boolean reset(String hook) {
        return counts.keySet().removeIf(subject -> subject.hook().equals(hook));
    }
}
