// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Shadows;

/** The tab "Pipeline": the hooks of each stage in the order in which they are asked, their budgets and breakers. */
@Component(
        service = Servlet.class,
        property = {
            ServletConstants.PLUGIN_LABEL + "=" + PipelinePage.LABEL,
            ServletConstants.PLUGIN_TITLE + "=Pipeline",
            ServletConstants.PLUGIN_CATEGORY + "=Posthouse",
            ServletConstants.PLUGIN_CSS_REFERENCES + "=/" + QueuePage.LABEL + "/res/posthouse.css"
        })
public final class PipelinePage extends AbstractServlet {
    /** Its place below {@code /system/console/}. */
    static final String LABEL = "pipeline";

    private static final long serialVersionUID = 1L;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Plugins plugins;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Shadows shadows;

    /** Made by the component runtime. */
    public PipelinePage() {}

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\">");
        Plugins present = plugins;
        if (present == null) {
            page.element("p", "The pipeline is not running (yet).");
        } else {
            order(present.order(), page);
            Shadows counted = shadows;
            if (counted != null) {
                beside(counted.reports(), Place.of(request, ShadowPage.LABEL), page);
            }
        }
        response.getWriter().write(page.raw("</div>").toString());
    }

    private static void order(List<Plugins.HookLine> hooks, Html page) {
        page.raw("<h3>Hooks in the order in which they are asked</h3><table class=\"rows\">")
                .head(
                        Set.of("Share", "Running", "Budget", "Calls", "Failures", "Mean", "Abandoned"),
                        "Stage",
                        "",
                        "Hook",
                        "Plugin",
                        "Version",
                        "Generation",
                        "Mode",
                        "Share",
                        "Breaker",
                        "Running",
                        "Budget",
                        "On failure",
                        "Calls",
                        "Failures",
                        "Mean",
                        "Abandoned");
        page.raw("<tbody>");
        for (Stage stage : Stage.values()) {
            List<Plugins.HookLine> own =
                    hooks.stream().filter(hook -> hook.stage() == stage).toList();
            if (own.isEmpty()) {
                page.raw("<tr class=\"stage\">").element("th", name(stage));
                page.raw("<td colspan=\"15\">no hook</td></tr>");
            }
            own.forEach(hook -> row(hook, hook.equals(own.getFirst()), page));
        }
        page.raw("</tbody></table>");
    }

    private static void row(Plugins.HookLine hook, boolean first, Html page) {
        page.raw(first ? "<tr class=\"stage\">" : "<tr>");
        page.element("th", first ? name(hook.stage()) : "");
        page.cell("number", Integer.toString(hook.position()));
        page.element("td", hook.hook()).element("td", hook.plugin()).element("td", hook.version());
        page.cell("id", hook.generation())
                .raw("<td>")
                .badge(hook.mode(), hook.mode())
                .raw("</td>");
        page.cell("number", hook.share() + " %").raw("<td>");
        page.badge("breaker-" + hook.breaker(), hook.breaker()).raw("</td>");
        page.cell("number", hook.running() + (hook.maxConcurrent() == 0 ? "" : " of " + hook.maxConcurrent()))
                .cell("number", Words.count(hook.timeoutMillis()) + " ms")
                .element("td", hook.onFailure());
        page.cell("number", Words.count(hook.calls()));
        page.cell(hook.failures() > 0 ? "number bad" : "number", Words.count(hook.failures()));
        page.cell("number", hook.calls() == 0 ? "–" : String.format(Locale.ROOT, "%,.1f µs", hook.meanMicros()));
        page.cell(hook.abandoned() > 0 ? "number bad" : "number", Words.count(hook.abandoned()))
                .raw("</tr>");
    }

    /** Hooks in shadow mode, and generations side by side, with what they came to so far. */
    private static void beside(List<Shadows.Report> reports, String link, Html page) {
        page.raw("<h3>Shadow and canary</h3>");
        if (reports.isEmpty()) {
            page.element("p", "No hook is in shadow mode, and none is served by two generations.");
            return;
        }
        page.raw("<table class=\"rows\">")
                .head(
                        Set.of("Asked", "Failed", "Mean", "Had an opinion"),
                        "Hook",
                        "Generation",
                        "",
                        "Asked",
                        "Failed",
                        "Mean",
                        "Had an opinion")
                .raw("<tbody>");
        for (Shadows.Report report : reports) {
            page.raw("<tr><th><a href=\"" + Html.escape(link) + "\">")
                    .text(report.hook())
                    .raw("</a></th>");
            page.cell("id", report.generation())
                    .raw("<td>")
                    .badge(report.mode(), report.mode())
                    .raw("</td>");
            page.cell("number", Words.count(report.asked()));
            page.cell(report.failed() > 0 ? "number bad" : "number", Words.count(report.failed()));
            page.cell("number", String.format(Locale.ROOT, "%,.1f µs", report.meanMicros()));
            page.cell("number", Words.count(ShadowPage.opinions(report))).raw("</tr>");
        }
        page.raw("</tbody></table>");
    }

    static String name(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }
}
