// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
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

/** The tab "Pipeline": the hooks of each stage in the order in which they are asked, and the plugins they belong to. */
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

    /** Made by the component runtime. */
    public PipelinePage() {}

    PipelinePage(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\">");
        Plugins present = plugins;
        if (present == null) {
            page.element("p", "The pipeline is not running (yet).");
        } else {
            order(present.order(), page);
            list(present.list(), page);
        }
        response.getWriter().write(page.raw("</div>").toString());
    }

    private static void order(List<Plugins.HookLine> hooks, Html page) {
        page.raw("<h3>Hooks in the order in which they are asked</h3><table class=\"rows\">")
                .head(
                        "Stage",
                        "",
                        "Hook",
                        "Plugin",
                        "Version",
                        "Generation",
                        "Mode",
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
                page.raw("<td colspan=\"12\">no hook</td></tr>");
            }
            own.forEach(hook -> row(hook, page));
        }
        page.raw("</tbody></table>");
    }

    private static void row(Plugins.HookLine hook, Html page) {
        page.raw(hook.position() == 1 ? "<tr class=\"stage\">" : "<tr>");
        page.element("th", hook.position() == 1 ? name(hook.stage()) : "");
        page.cell("number", Integer.toString(hook.position()));
        page.element("td", hook.hook()).element("td", hook.plugin()).element("td", hook.version());
        page.cell("id", hook.generation()).raw("<td>");
        badge(page, hook.mode());
        page.raw("</td>")
                .cell("number", Words.count(hook.timeoutMillis()) + " ms")
                .element("td", hook.onFailure());
        page.cell("number", Words.count(hook.calls()));
        page.cell(hook.failures() > 0 ? "number bad" : "number", Words.count(hook.failures()));
        page.cell("number", hook.calls() == 0 ? "–" : String.format(Locale.ROOT, "%,.1f µs", hook.meanMicros()));
        page.cell(hook.abandoned() > 0 ? "number bad" : "number", Words.count(hook.abandoned()))
                .raw("</tr>");
    }

    private static void list(List<Plugins.Plugin> plugins, Html page) {
        page.raw("<h3>Plugins</h3><table class=\"rows\">")
                .head("Plugin", "Version", "State", "Generation", "Hooks", "What to know");
        page.raw("<tbody>");
        for (Plugins.Plugin plugin : plugins) {
            page.raw("<tr>")
                    .element("th", plugin.name())
                    .element("td", plugin.version())
                    .raw("<td>");
            badge(page, plugin.state());
            page.raw("</td>").cell("id", plugin.generation()).element("td", String.join(", ", plugin.hooks()));
            page.cell("reply", plugin.detail()).raw("</tr>");
        }
        page.raw("</tbody></table>");
        page.raw("<p class=\"note\">‘posthouse plugin disable|enable|remove NAME’ changes this list.</p>");
    }

    private static String name(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    private static void badge(Html page, String word) {
        page.raw("<span class=\"badge p-" + Html.escape(word) + "\">")
                .text(word)
                .raw("</span>");
    }
}
