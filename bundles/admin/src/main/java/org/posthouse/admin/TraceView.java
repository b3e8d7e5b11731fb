// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.posthouse.api.Event;
import org.posthouse.pipeline.spi.Traces;

/** What the API shows of traces. */
final class TraceView {
    private TraceView() {}

    /** The newest traces first. */
    record Traced(List<Summary> traces) {}

    /** The ids of stored traces. */
    record Stored(List<String> stored) {}

    /** A trace in a list. */
    record Summary(
            String id,
            String session,
            String begun,
            Map<String, String> facts,
            int steps,
            long micros,
            String decision) {
        static Summary of(Traces.Trace trace) {
            return new Summary(
                    trace.id(),
                    trace.session(),
                    trace.begun().toString(),
                    new TreeMap<>(trace.facts()),
                    trace.steps().size(),
                    trace.steps().stream().mapToLong(Traces.Step::micros).sum(),
                    trace.decision());
        }
    }

    /** A whole trace. */
    record Trace(
            String id,
            String session,
            String begun,
            Map<String, String> facts,
            List<Step> steps,
            String decision,
            List<Happened> events) {
        static Trace of(Traces.Trace trace) {
            return new Trace(
                    trace.id(),
                    trace.session(),
                    trace.begun().toString(),
                    new TreeMap<>(trace.facts()),
                    trace.steps().stream().map(Step::of).toList(),
                    trace.decision(),
                    trace.events().stream().map(Happened::of).toList());
        }
    }

    /** What one hook said once. */
    record Step(
            String stage,
            String about,
            String hook,
            String plugin,
            String version,
            String generation,
            String mode,
            long atMicros,
            long micros,
            String verdict,
            String reply,
            String reason,
            List<String> edits,
            Map<String, Double> scores,
            List<String> results) {
        static Step of(Traces.Step step) {
            return new Step(
                    step.stage().name().toLowerCase(Locale.ROOT),
                    step.about(),
                    step.hook(),
                    step.plugin(),
                    step.version(),
                    step.generation(),
                    step.mode(),
                    step.atMicros(),
                    step.micros(),
                    step.verdict(),
                    step.reply(),
                    step.reason(),
                    step.edits(),
                    new TreeMap<>(step.scores()),
                    step.results());
        }
    }

    /** What happened to a message afterwards, as it stands in the event log. */
    record Happened(String type, String at, Map<String, Object> facts) {
        static Happened of(Event event) {
            return new Happened(
                    event.type().name().toLowerCase(Locale.ROOT), event.at().toString(), event.facts());
        }
    }

    /** The watches that wait. */
    record Watches(List<Watch> watches) {}

    /** A watch. */
    record Watch(String id, String sender, String recipient, String peer, int count, String since, int stored) {
        static Watch of(Traces.Watch watch) {
            return new Watch(
                    watch.id(),
                    watch.wanted().sender(),
                    watch.wanted().recipient(),
                    watch.wanted().peer(),
                    watch.wanted().most(),
                    watch.since().toString(),
                    watch.stored());
        }
    }
}
