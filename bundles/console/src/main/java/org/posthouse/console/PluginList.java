// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.pipeline.spi.Plugins;

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
        List<Plugins.HookLine> order = plugins.order();
        plugins.list().forEach(plugin -> row(plugin, order, page));
        page.raw("</tbody></table>");
        upload(page);
    }

    private void row(Plugins.Plugin plugin, List<Plugins.HookLine> order, Html page) {
        String address = Place.root(request) + "/" + Place.word(plugin.name());
        page.raw("<tr><th><a href=\"" + Html.escape(address) + "\">")
                .text(plugin.name())
                .raw("</a></th>")
                .element("td", plugin.version())
                .raw("<td>")
                .badge(plugin.state(), plugin.state())
                .raw("</td><td>");
        generations(plugin, order, page);
        page.raw("</td>").element("td", String.join(", ", plugin.hooks())).cell("reply", plugin.detail());
        page.raw("<td class=\"buttons\">");
        buttons(request, plugin, plugins.hasPrevious(plugin.name()), page);
        page.raw("</td></tr>");
    }

    /** From the order of the hooks: what a jar is made of would have to be read anew for each of them. */
    private static void generations(Plugins.Plugin plugin, List<Plugins.HookLine> order, Html page) {
        Map<String, Integer> shares = new LinkedHashMap<>();
        order.stream()
                .filter(hook -> hook.plugin().equals(plugin.name())
                        && !hook.generation().isEmpty())
                .forEach(hook -> shares.putIfAbsent(hook.generation(), hook.share()));
        if (shares.isEmpty() && !plugin.generation().isEmpty()) {
            shares.put(plugin.generation(), 100);
        }
        shares.forEach((generation, share) -> {
            page.raw("<div class=\"standing\"><span class=\"id\">")
                    .text(generation)
                    .raw("</span> ");
            if (shares.size() > 1) {
                boolean inForce = generation.equals(plugin.generation());
                page.badge(inForce ? "role-in-force" : "role-canary", inForce ? "in force" : "canary")
                        .text(share + " %");
            }
            page.raw("</div>");
        });
    }

    /** What can be done to a plugin; a disabled one is not rolled back. */
    static void buttons(HttpServletRequest request, Plugins.Plugin plugin, boolean hasPrevious, Html page) {
        boolean disabled = plugin.state().equals("disabled");
        page.raw("<form method=\"post\" class=\"actions\" action=\"" + Html.escape(Place.root(request)) + "\">")
                .raw(Csrf.field(request))
                .raw("<input type=\"hidden\" name=\"name\" value=\"" + Html.escape(plugin.name()) + "\">");
        page.raw(
                disabled
                        ? "<button name=\"verb\" value=\"ENABLE\">Enable</button> "
                        : "<button name=\"verb\" value=\"DISABLE\" data-confirm=\"Its hooks will not be asked any more.\">"
                                + "Disable</button> ");
        if (hasPrevious && !disabled) {
            page.raw(
                    "<button name=\"verb\" value=\"ROLLBACK\" data-confirm=\"The jar before this one will serve again.\">"
                            + "Roll back</button> ");
        }
        page.raw("<button name=\"verb\" value=\"REMOVE\" class=\"danger\" data-confirm=\"Its jar will be deleted.\">"
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
