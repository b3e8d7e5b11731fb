// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.posthouse.pipeline.spi.Plugins;

/** What a plugin is made of and may do, shown before it is installed and for each that is. */
final class PluginProfile {
    private static final int CLASSES = 8;

    private PluginProfile() {}

    static void render(Plugins.Profile profile, Html page) {
        page.raw("<div class=\"facts\"><table>")
                .fact("Version", profile.version())
                .fact("Signed by", profile.signer().isEmpty() ? "nobody" : profile.signer())
                .fact("SHA-256", profile.hash())
                .fact("Offers", String.join(", ", profile.services()))
                .raw("</table></div>");
        hooks(profile.hooks(), page);
        uses(profile.uses(), page);
        generations(profile.generations(), page);
    }

    private static void hooks(List<Plugins.Declared> hooks, Html page) {
        page.raw("<h3>Hooks and what they need</h3>");
        if (hooks.isEmpty()) {
            page.element("p", "It declares no hook.");
            return;
        }
        page.raw("<table class=\"rows\">")
                .head(Set.of("Budget"), "Hook", "Stage", "Needs", "After", "Before", "Budget", "On failure")
                .raw("<tbody>");
        for (Plugins.Declared hook : hooks) {
            page.raw("<tr>")
                    .element("th", hook.hook())
                    .element("td", PipelinePage.name(hook.stage()))
                    .raw("<td>");
            needs(hook.needs(), page);
            page.raw("</td>")
                    .element("td", String.join(", ", hook.after()))
                    .element("td", String.join(", ", hook.before()))
                    .cell("number", Words.count(hook.timeoutMillis()) + " ms")
                    .element("td", word(hook.onFailure()))
                    .raw("</tr>");
        }
        page.raw("</tbody></table>");
    }

    private static void needs(List<String> needs, Html page) {
        if (needs.isEmpty()) {
            page.text("nothing");
        }
        needs.forEach(need -> page.badge("need", word(need)));
    }

    private static String word(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void uses(Map<String, List<String>> uses, Html page) {
        page.raw("<h3>What its code uses beyond the API</h3>");
        if (uses.isEmpty()) {
            page.element("p", "Nothing.");
            return;
        }
        page.raw("<table class=\"rows\">").head("Use", "In").raw("<tbody>");
        new TreeMap<>(uses).forEach((use, classes) -> {
            page.raw("<tr><th>").badge("use", use).raw("</th>");
            int more = classes.size() - CLASSES;
            page.cell(
                            "id",
                            String.join(", ", classes.subList(0, Math.min(CLASSES, classes.size())))
                                    + (more > 0 ? " and " + more + " more" : ""))
                    .raw("</tr>");
        });
        page.raw("</tbody></table>");
        page.raw(
                "<p class=\"note\">Found in the byte code. Java has no sandbox: this tells what to expect, it does not "
                        + "forbid the rest.</p>");
    }

    private static void generations(List<Plugins.Standing> generations, Html page) {
        if (generations.isEmpty()) {
            return;
        }
        page.raw("<h3>Generations</h3><table class=\"rows\">")
                .head(
                        Set.of("Share", "Calls", "Failures", "Mean"),
                        "Generation",
                        "Version",
                        "Role",
                        "Share",
                        "Since (UTC)",
                        "Calls",
                        "Failures",
                        "Mean")
                .raw("<tbody>");
        for (Plugins.Standing standing : generations) {
            page.raw("<tr>")
                    .cell("id", standing.label())
                    .element("td", standing.version())
                    .raw("<td>")
                    .badge("role-" + standing.role().replace(' ', '-'), standing.role())
                    .raw("</td>")
                    .cell("number", standing.share() + " %")
                    .cell("time", Words.time(standing.since()))
                    .cell("number", Words.count(standing.calls()))
                    .cell(standing.failures() > 0 ? "number bad" : "number", Words.count(standing.failures()))
                    .cell("number", String.format(Locale.ROOT, "%,.1f µs", standing.meanMicros()))
                    .raw("</tr>");
        }
        page.raw("</tbody></table>");
    }
}
