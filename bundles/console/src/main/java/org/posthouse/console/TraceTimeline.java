// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.posthouse.api.Event;
import org.posthouse.pipeline.spi.Traces;

/** One transaction: a bar for each hook by when it was asked and how long it took, then what happened to the message. */
final class TraceTimeline {
    private static final int WIDTH = 1000;

    /** Narrower bars would not be seen. */
    private static final double NARROWEST = 4;

    private TraceTimeline() {}

    static void render(Traces.Trace trace, String queue, Html page) {
        facts(trace, queue, page);
        if (trace.steps().isEmpty()) {
            page.element("p", "No hook was asked.");
        } else {
            steps(trace.steps(), page);
        }
        if (!trace.events().isEmpty()) {
            events(trace, page);
        }
    }

    private static void facts(Traces.Trace trace, String queue, Html page) {
        page.element("h3", trace.id().isEmpty() ? "Session " + trace.session() : "Message " + trace.id());
        page.raw("<div class=\"facts\"><table>")
                .fact("Begun (UTC)", Words.time(trace.begun()))
                .fact("Session", trace.session())
                .fact("Decision", trace.decision().isEmpty() ? "still open" : trace.decision())
                .fact(
                        "Hooks took",
                        Words.millis(trace.steps().stream()
                                .mapToLong(Traces.Step::micros)
                                .sum()))
                .raw("</table><table>");
        new TreeMap<>(trace.facts()).forEach(page::fact);
        page.raw("</table></div>");
        if (!trace.id().isEmpty()) {
            page.raw("<p><a href=\"" + Html.escape(queue + "/" + Place.word(trace.id())) + "\">In the queue</a></p>");
        }
    }

    private static void steps(List<Traces.Step> steps, Html page) {
        long end = steps.stream()
                .mapToLong(step -> step.atMicros() + step.micros())
                .max()
                .orElse(0);
        page.raw("<table class=\"rows timeline\">")
                .head(
                        Set.of("Asked at", "Took"),
                        "Stage",
                        "Hook",
                        "Version",
                        "Verdict",
                        "Asked at",
                        "Took",
                        "0 … " + Words.millis(end),
                        "Why");
        page.raw("<tbody>");
        String before = "";
        for (Traces.Step step : steps) {
            String stage = PipelinePage.name(step.stage()) + (step.about().isEmpty() ? "" : " " + step.about());
            page.raw(stage.equals(before) ? "<tr>" : "<tr class=\"stage\">");
            page.raw("<th>").text(stage.equals(before) ? "" : PipelinePage.name(step.stage()));
            if (!stage.equals(before) && !step.about().isEmpty()) {
                page.raw("<div class=\"about\">").text(step.about()).raw("</div>");
            }
            row(step, end, page.raw("</th>"));
            before = stage;
        }
        page.raw("</tbody></table>");
    }

    private static void row(Traces.Step step, long end, Html page) {
        page.raw("<td>").text(step.hook());
        if (!step.mode().equals("enforce")) {
            page.raw(" ").badge(step.mode(), step.mode());
        }
        page.raw("</td><td title=\"" + Html.escape(step.plugin() + " " + step.generation()) + "\">")
                .text(step.version())
                .raw("<div class=\"id\">")
                .text(step.generation())
                .raw("</div></td><td>")
                .badge("v-" + colour(step.verdict()), step.verdict())
                .raw("</td>")
                .cell("number", Words.millis(step.atMicros()))
                .cell("number", Words.millis(step.micros()))
                .raw("<td class=\"bar\">");
        bar(step, Math.max(1, end), page);
        page.raw("</td><td class=\"reply\">");
        List.of(step.reply(), step.reason()).stream()
                .filter(text -> !text.isEmpty())
                .forEach(text -> page.element("div", text));
        step.edits().forEach(edit -> left("edit", edit, page));
        new TreeMap<>(step.scores()).forEach((name, score) -> left("score", name + " " + score, page));
        step.results().forEach(result -> left("result", result, page));
        page.raw("</td></tr>");
    }

    private static void left(String kind, String text, Html page) {
        page.raw("<div class=\"left\"><span class=\"note\">" + kind + "</span> ")
                .text(text)
                .raw("</div>");
    }

    /** A drawing and not a style, so that no page of ours needs styles of its own. */
    private static void bar(Traces.Step step, long end, Html page) {
        double width = Math.max(NARROWEST, (double) WIDTH * step.micros() / end);
        double from = Math.min(WIDTH - NARROWEST, (double) WIDTH * step.atMicros() / end);
        page.raw(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d 12\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">"
                        + "<rect class=\"track\" x=\"0\" y=\"5\" width=\"%d\" height=\"2\"/>"
                        + "<rect class=\"v-%s\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"12\"/></svg>",
                WIDTH,
                "from " + Words.millis(step.atMicros()) + " for " + Words.millis(step.micros()),
                WIDTH,
                colour(step.verdict()),
                from,
                Math.min(width, WIDTH - from)));
    }

    /** One of a few words, whatever a verdict is called. */
    static String colour(String verdict) {
        String kind = verdict.toLowerCase(Locale.ROOT);
        if (kind.startsWith("failed")) {
            return "failed";
        }
        return switch (kind) {
            case "accept", "granted", "known" -> "accept";
            case "reject", "denied", "disconnect", "fail", "unknown" -> "reject";
            case "defer", "delay", "unavailable" -> "defer";
            case "hold", "discard", "reroute" -> "hold";
            default -> "continue";
        };
    }

    private static void events(Traces.Trace trace, Html page) {
        page.raw("<h3>Afterwards</h3><table class=\"rows\">")
                .head(Set.of("After"), "After", "At (UTC)", "Event", "Facts");
        page.raw("<tbody>");
        for (Event event : trace.events()) {
            Duration after = Duration.between(trace.begun(), event.at());
            page.raw("<tr>")
                    .cell("number", String.format(Locale.ROOT, "%,.3f s", after.toMillis() / 1000.0))
                    .cell("time", Words.time(event.at()))
                    .raw("<td>")
                    .badge(
                            "e-" + event.type().name(),
                            event.type().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .raw("</td>")
                    .cell("reply wide", facts(event.facts()))
                    .raw("</tr>");
        }
        page.raw("</tbody></table>");
    }

    private static String facts(Map<String, Object> facts) {
        return facts.entrySet().stream()
                .filter(fact -> !fact.getKey().equals("id"))
                .map(fact -> fact.getKey() + ": " + fact.getValue())
                .collect(Collectors.joining(", "));
    }
}
