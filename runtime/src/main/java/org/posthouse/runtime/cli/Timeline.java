// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What hooks said of a transaction, one after the other, and what happened to the message afterwards. */
final class Timeline {
    private Timeline() {}

    static void print(JsonNode trace, PrintWriter out) {
        fact(out, "Message", trace.path("id").asText());
        fact(out, "Session", trace.path("session").asText());
        fact(out, "Begun", trace.path("begun").asText());
        trace.path("facts")
                .properties()
                .forEach(fact ->
                        fact(out, capital(fact.getKey()), fact.getValue().asText()));
        String decision = trace.path("decision").asText();
        fact(out, "Decision", decision.isEmpty() ? "still open" : decision);
        if (!trace.path("steps").isEmpty()) {
            out.println();
            steps(trace.path("steps")).print(out, true);
        }
        if (!trace.path("events").isEmpty()) {
            out.println();
            events(trace).print(out, true);
        }
    }

    private static void fact(PrintWriter out, String name, String value) {
        if (!value.isEmpty()) {
            out.println(Table.clean(name + ": " + " ".repeat(Math.max(0, 11 - name.length())) + value, false));
        }
    }

    private static String capital(String word) {
        return word.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    /** One row for each step, and below it one for each thing that it left. */
    static Table steps(JsonNode steps) {
        Table table = new Table(
                "AT ms", "STAGE", "ABOUT", "HOOK", "VERSION", "GENERATION", "MODE", "TOOK ms", "VERDICT", "WHY");
        for (JsonNode step : steps) {
            List<String> left = left(step);
            String mode = step.path("mode").asText();
            table.row(
                    millis(step.path("atMicros").asLong()),
                    step.path("stage").asText(),
                    step.path("about").asText(),
                    step.path("hook").asText(),
                    step.path("version").asText(),
                    step.path("generation").asText(),
                    mode.equals("enforce") ? "" : mode,
                    millis(step.path("micros").asLong()),
                    step.path("verdict").asText(),
                    left.isEmpty() ? "" : left.getFirst());
            left.stream().skip(1).forEach(line -> table.row("", "", "", "", "", "", "", "", "", line));
        }
        return table;
    }

    private static List<String> left(JsonNode step) {
        List<String> left = new ArrayList<>();
        for (String text :
                List.of(step.path("reply").asText(), step.path("reason").asText())) {
            if (!text.isEmpty()) {
                left.add(text);
            }
        }
        step.path("edits").forEach(edit -> left.add("edit: " + edit.asText()));
        step.path("scores")
                .properties()
                .forEach(score -> left.add(
                        "score: " + score.getKey() + " " + score.getValue().asText()));
        step.path("results").forEach(result -> left.add("result: " + result.asText()));
        return left;
    }

    private static Table events(JsonNode trace) {
        Instant begun = Instant.parse(trace.path("begun").asText());
        Table table = new Table("AFTER s", "EVENT", "FACTS");
        for (JsonNode event : trace.path("events")) {
            Duration after =
                    Duration.between(begun, Instant.parse(event.path("at").asText()));
            table.row(
                    String.format(Locale.ROOT, "%.3f", after.toMillis() / 1000.0),
                    event.path("type").asText().replace('_', ' '),
                    event.path("facts").properties().stream()
                            .map(fact -> fact.getKey() + "=" + fact.getValue().asText())
                            .collect(Collectors.joining(" ")));
        }
        return table;
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.3f", micros / 1000.0);
    }
}
