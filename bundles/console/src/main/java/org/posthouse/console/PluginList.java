// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Plugins.PluginException;

/** All plugins with their buttons, and the form that takes a jar. */
final class PluginList {
    private final HttpServletRequest request;
    private final Plugins plugins;

    PluginList(HttpServletRequest request, Plugins plugins) {
        this.request = request;
        this.plugins = plugins;
    }

    void render(Html page) {
        page.raw("<table class=\"rows\">")
                .head("Plugin", "Version", "State", "Generations", "Hooks", "What to know", "")
                .raw("<tbody>");
        plugins.list().forEach(plugin -> row(plugin, page));
        page.raw("</tbody></table>");
        upload(page);
    }

    private void row(Plugins.Plugin plugin, Html page) {
        String address = Place.root(request) + "/" + Place.word(plugin.name());
        page.raw("<tr><th><a href=\"" + Html.escape(address) + "\">")
                .text(plugin.name())
                .raw("</a></th>")
                .element("td", plugin.version())
                .raw("<td>")
                .badge(plugin.state(), plugin.state())
                .raw("</td><td>");
        standings(plugin, page);
        page.raw("</td>").element("td", String.join(", ", plugin.hooks())).cell("reply", plugin.detail());
        page.raw("<td class=\"buttons\">");
        buttons(request, plugin, page);
        page.raw("</td></tr>");
    }

    private void standings(Plugins.Plugin plugin, Html page) {
        List<Plugins.Standing> standings;
        try {
            standings = plugins.show(plugin.name()).generations();
        } catch (PluginException gone) {
            // A plugin without a jar has none to tell of.
            standings = List.of();
        }
        for (Plugins.Standing standing : standings) {
            page.raw("<div class=\"standing\"><span class=\"id\">")
                    .text(standing.label())
                    .raw("</span> ")
                    .badge("role-" + standing.role().replace(' ', '-'), standing.role())
                    .text(standing.share() > 0 && standing.share() < 100 ? standing.share() + " %" : "")
                    .raw("</div>");
        }
        if (standings.isEmpty()) {
            page.raw("<span class=\"id\">").text(plugin.generation()).raw("</span>");
        }
    }

    /** What can be done to a plugin. */
    static void buttons(HttpServletRequest request, Plugins.Plugin plugin, Html page) {
        page.raw("<form method=\"post\" class=\"actions\" action=\"" + Html.escape(Place.root(request)) + "\">")
                .raw(Csrf.field(request))
                .raw("<input type=\"hidden\" name=\"name\" value=\"" + Html.escape(plugin.name()) + "\">");
        page.raw(
                plugin.state().equals("disabled")
                        ? "<button name=\"verb\" value=\"ENABLE\">Enable</button> "
                        : "<button name=\"verb\" value=\"DISABLE\" data-confirm=\"Its hooks will not be asked any more.\">"
                                + "Disable</button> ");
        page.raw("<button name=\"verb\" value=\"ROLLBACK\" data-confirm=\"The jar before this one will serve again.\">"
                        + "Roll back</button> ")
                .raw(
                        "<button name=\"verb\" value=\"REMOVE\" class=\"danger\" data-confirm=\"Its jar will be deleted.\">"
                                + "Remove</button></form>");
    }

    private void upload(Html page) {
        page.raw("<h3>Install or update a plugin</h3>")
                .raw("<form method=\"post\" enctype=\"multipart/form-data\" class=\"filter\" action=\""
                        + Html.escape(Place.root(request)) + "\">")
                .raw(Csrf.field(request))
                .raw("<label>jar <input type=\"file\" name=\"jar\" accept=\".jar\" required></label> ")
                .raw("<button>Look at it</button> ")
                .raw(
                        "<span class=\"note\">What it needs and uses is shown before anything is installed.</span></form>");
    }
}
