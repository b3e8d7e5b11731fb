// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.pipeline.spi.Shadows;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tab "Shadow": what hooks in shadow mode would have changed, and how two generations side by side differ. */
@Component(
        service = Servlet.class,
        property = {
            ServletConstants.PLUGIN_LABEL + "=" + ShadowPage.LABEL,
            ServletConstants.PLUGIN_TITLE + "=Shadow",
            ServletConstants.PLUGIN_CATEGORY + "=Posthouse",
            ServletConstants.PLUGIN_CSS_REFERENCES + "=/" + QueuePage.LABEL + "/res/posthouse.css"
        })
public final class ShadowPage extends AbstractServlet {
    /** Its place below {@code /system/console/}. */
    static final String LABEL = "shadow";

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(ShadowPage.class);

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Shadows shadows;

    /** How often a hook would have changed something. */
    static long opinions(Shadows.Report report) {
        return report.lines().stream()
                .filter(line -> line.edits()
                        || !(line.verdict().equals("continue") || line.verdict().equals("accept")))
                .mapToLong(Shadows.Line::count)
                .sum();
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\">");
        Flash.render(request, page);
        Shadows present = shadows;
        if (present == null) {
            page.element("p", "The shadow report is not running (yet).");
        } else if (present.reports().isEmpty()) {
            page.element("p", "No hook is in shadow mode, and none is served by two generations.");
        } else {
            Map<String, List<Shadows.Report>> byHook = present.reports().stream()
                    .collect(Collectors.groupingBy(Shadows.Report::hook, TreeMap::new, Collectors.toList()));
            byHook.forEach((hook, reports) -> hook(request, hook, reports, page));
        }
        response.getWriter().write(page.raw("</div>").toString());
    }

    private static void hook(HttpServletRequest request, String hook, List<Shadows.Report> reports, Html page) {
        page.element("h3", hook);
        for (Shadows.Report report : reports) {
            page.raw("<p>").badge(report.mode(), report.mode()).text("generation ");
            page.raw("<span class=\"id\">").text(report.generation()).raw("</span>");
            page.text(": asked " + Words.count(report.asked()) + " times since " + Words.time(report.since())
                    + " UTC, failed " + Words.count(report.failed()) + ", mean "
                    + String.format(Locale.ROOT, "%,.1f µs", report.meanMicros()));
            page.raw("</p>");
            lines(report, page);
            samples(request, report.samples(), page);
        }
        page.raw("<form method=\"post\" class=\"actions\" action=\"" + Html.escape(Place.root(request)) + "\">")
                .raw(Csrf.field(request))
                .raw("<p class=\"buttons\"><button name=\"hook\" value=\"" + Html.escape(hook)
                        + "\">Count anew</button></p></form>");
    }

    private static void lines(Shadows.Report report, Html page) {
        page.raw("<table class=\"rows\">")
                .head(Set.of("Count", "Of all"), "Stage", "Verdict", "Edits", "Sender domain", "Count", "Of all");
        page.raw("<tbody>");
        for (Shadows.Line line : report.lines()) {
            page.raw("<tr>").element("td", PipelinePage.name(line.stage())).raw("<td>");
            page.badge("v-" + TraceTimeline.colour(line.verdict()), line.verdict())
                    .raw("</td>");
            page.element("td", line.edits() ? "with" : "").cell("address", line.senderDomain());
            page.cell("number", Words.count(line.count()));
            page.cell("number", report.asked() == 0 ? "" : percent(line.count(), report.asked()))
                    .raw("</tr>");
        }
        page.raw("</tbody></table>");
    }

    private static String percent(long part, long all) {
        return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / all);
    }

    private static void samples(HttpServletRequest request, List<Shadows.Sample> samples, Html page) {
        if (samples.isEmpty()) {
            return;
        }
        String trace = Place.of(request, TracePage.LABEL);
        page.raw("<table class=\"rows samples\">")
                .head("Sample (UTC)", "Message", "From", "About", "Verdict", "Why", "Edits and scores")
                .raw("<tbody>");
        for (Shadows.Sample sample : samples) {
            String id = sample.id().isEmpty() ? sample.session() : sample.id();
            page.raw("<tr>").cell("time", Words.time(sample.at()));
            page.raw("<td><a class=\"id\" href=\"" + Html.escape(trace + "/" + Place.word(id)) + "\">")
                    .text(id)
                    .raw("</a></td>");
            page.cell("address", sample.sender().isEmpty() ? "<>" : sample.sender())
                    .cell("address", sample.about())
                    .raw("<td>")
                    .badge("v-" + TraceTimeline.colour(sample.verdict()), sample.verdict())
                    .raw("</td>")
                    .cell("reply", sample.reason())
                    .raw("<td>");
            sample.edits().forEach(edit -> page.element("div", edit));
            new TreeMap<>(sample.scores()).forEach((name, score) -> page.element("div", name + " " + score));
            page.raw("</td></tr>");
        }
        page.raw("</tbody></table>");
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!Csrf.valid(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "The form is too old: open the page again");
            return;
        }
        Shadows present = shadows;
        if (present == null) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        String hook = Place.parameter(request, "hook");
        if (present.reset(hook)) {
            LOG.info("Console: what was counted of hook {} in the shadow is forgotten", Words.line(hook));
            Flash.good(request, hook + " is counted anew from now on.");
        } else {
            Flash.bad(request, "Nothing was counted of a hook " + hook + ".");
        }
        response.sendRedirect(Place.root(request));
    }
}
