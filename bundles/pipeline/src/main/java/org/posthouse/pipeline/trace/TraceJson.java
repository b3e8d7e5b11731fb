// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Traces.Step;
import org.posthouse.pipeline.spi.Traces.Trace;

/** A trace as a line of JSON, and back. */
final class TraceJson {
    private TraceJson() {}

    static String write(Trace trace) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", trace.id());
        all.put("session", trace.session());
        all.put("begun", trace.begun());
        all.put("facts", trace.facts());
        all.put("decision", trace.decision());
        all.put("steps", trace.steps().stream().map(TraceJson::step).toList());
        all.put("events", trace.events().stream().map(TraceJson::event).toList());
        return Json.write(all);
    }

    private static Map<String, Object> step(Step step) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("stage", step.stage());
        map.put("about", step.about());
        map.put("hook", step.hook());
        map.put("plugin", step.plugin());
        map.put("version", step.version());
        map.put("generation", step.generation());
        map.put("mode", step.mode());
        map.put("atMicros", step.atMicros());
        map.put("micros", step.micros());
        map.put("verdict", step.verdict());
        map.put("reply", step.reply());
        map.put("reason", step.reason());
        map.put("edits", step.edits());
        map.put("scores", step.scores());
        map.put("results", step.results());
        return map;
    }

    private static Map<String, Object> event(Event event) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", event.type());
        map.put("at", event.at());
        map.put("facts", event.facts());
        return map;
    }

    /**
     * Reads it again.
     *
     * @throws IllegalArgumentException when the text is no trace
     */
    static Trace read(String text) {
        try {
            Map<String, @Nullable Object> all = Json.read(text);
            return new Trace(
                    Json.text(all.get("id")),
                    Json.text(all.get("session")),
                    Instant.parse(Json.text(all.get("begun"))),
                    Json.texts(all.get("facts")),
                    Json.list(all.get("steps")).stream()
                            .map(one -> step(Json.object(one)))
                            .toList(),
                    Json.text(all.get("decision")),
                    Json.list(all.get("events")).stream()
                            .map(one -> event(Json.object(one)))
                            .toList());
        } catch (java.time.DateTimeException e) {
            throw new IllegalArgumentException("not a time: " + e.getMessage(), e);
        }
    }

    private static Step step(Map<String, @Nullable Object> map) {
        Map<String, Double> scores = new LinkedHashMap<>();
        Json.object(map.get("scores"))
                .forEach((symbol, points) -> scores.put(symbol, points instanceof Number n ? n.doubleValue() : 0.0));
        return new Step(
                Stage.valueOf(Json.text(map.get("stage"))),
                Json.text(map.get("about")),
                Json.text(map.get("hook")),
                Json.text(map.get("plugin")),
                Json.text(map.get("version")),
                Json.text(map.get("generation")),
                Json.text(map.get("mode")),
                Json.number(map.get("atMicros")),
                Json.number(map.get("micros")),
                Json.text(map.get("verdict")),
                Json.text(map.get("reply")),
                Json.text(map.get("reason")),
                lines(map.get("edits")),
                scores,
                lines(map.get("results")));
    }

    private static List<String> lines(@Nullable Object value) {
        return Json.list(value).stream().map(Json::text).toList();
    }

    private static Event event(Map<String, @Nullable Object> map) {
        Map<String, Object> facts = new LinkedHashMap<>();
        Json.object(map.get("facts")).forEach((name, value) -> {
            if (value != null) {
                facts.put(name, value);
            }
        });
        return new Event(
                Event.Type.valueOf(Json.text(map.get("type"))), Instant.parse(Json.text(map.get("at"))), facts);
    }
}
