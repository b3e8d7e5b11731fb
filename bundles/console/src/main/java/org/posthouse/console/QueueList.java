// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.console.QueueView.Item;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

/** The list of messages, a page at a time, with the sites below it. */
final class QueueList {
    private static final int PAGE = 50;

    private final String root;
    private final String csrf;
    private final String node;
    private final Instant now = Instant.now();

    /**
     * A list at this address.
     *
     * @param node the name of this node of the cluster, or empty
     */
    QueueList(String root, String csrf, String node) {
        this.root = root;
        this.csrf = csrf;
        this.node = node;
    }

    /** What the address bar asks for. */
    record Asked(@Nullable State state, String sender, String recipient, String cursor) {
        /**
         * Reads the address.
         *
         * @throws IllegalArgumentException when it is none of ours
         */
        static Asked of(HttpServletRequest request) {
            String state = Place.parameter(request, "state");
            String cursor = Place.parameter(request, "cursor");
            return new Asked(
                    state.isEmpty() ? null : State.valueOf(state),
                    Place.parameter(request, "sender"),
                    Place.parameter(request, "recipient"),
                    cursor.isEmpty() ? "" : MessageId.parse(cursor).toString());
        }

        /** What is asked for, as the API and the address bar name it. */
        Map<String, String> parameters() {
            Map<String, String> all = new LinkedHashMap<>();
            all.put("cursor", cursor);
            all.put("state", state == null ? "" : state.name());
            all.put("sender", sender);
            all.put("recipient", recipient);
            all.values().removeIf(String::isEmpty);
            return all;
        }

        Asked from(String next) {
            return new Asked(state, sender, recipient, next);
        }
    }

    void render(ApiQueue queue, Asked asked, Html page) throws ApiQueue.RefusedException {
        QueueView.Page found = queue.list(asked, PAGE);
        QueueView.Counts counts = queue.counts();
        Set<String> missing = new TreeSet<>(found.missing());
        missing.addAll(counts.missing());
        QueueCounts.missing(missing, page);
        QueueCounts.render(counts, root, asked.state(), !node.isEmpty(), page);
        filter(asked, page);
        if (found.items().isEmpty()) {
            page.element("p", asked.cursor().isEmpty() ? "No message fits." : "No further message fits.");
        } else {
            messages(found.items(), page);
        }
        if (found.next() != null) {
            page.raw("<p><a class=\"button\" href=\"" + Html.escape(link(asked.from(found.next()))) + "\">Next " + PAGE
                    + "</a></p>");
        }
        sites(queue.sites().sites(), page);
    }

    private void filter(Asked asked, Html page) {
        page.raw("<form method=\"get\" class=\"filter\" action=\"" + Html.escape(root) + "\">");
        if (asked.state() != null) {
            page.raw("<input type=\"hidden\" name=\"state\" value=\""
                    + asked.state().name() + "\">");
        }
        field(page, "sender", asked.sender());
        field(page, "recipient", asked.recipient());
        page.raw("<button>Filter</button> <a href=\"" + Html.escape(root) + "\">Show all</a></form>");
    }

    private static void field(Html page, String name, String value) {
        page.raw("<label>" + name + " <input name=\"" + name + "\" value=\"" + Html.escape(value) + "\"></label> ");
    }

    private String link(Asked asked) {
        return asked.parameters().entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + Place.word(parameter.getValue()))
                .collect(Collectors.joining("&", root + "?", ""));
    }

    private void messages(List<Item> messages, Html page) {
        boolean cluster = messages.stream().anyMatch(message -> message.node() != null);
        QueueAction.open(root, csrf, page);
        page.raw("<table class=\"rows\"><thead><tr><th><input type=\"checkbox\" data-all aria-label=\"all\"></th>");
        for (String title : List.of("Message", "Received (UTC)", "From", "To", "State", "Size", "Due", "Last reply")) {
            page.raw(title.equals("Size") ? "<th class=\"number\">" : "<th>")
                    .text(title)
                    .raw("</th>");
        }
        page.raw(cluster ? "<th>Node</th></tr></thead><tbody>" : "</tr></thead><tbody>");
        messages.forEach(message -> row(message, cluster, page));
        page.raw("</tbody></table>");
        QueueAction.buttons(page);
        page.raw("</form>");
    }

    private void row(Item message, boolean cluster, Html page) {
        String id = Html.escape(message.id());
        page.raw("<tr><td><input type=\"checkbox\" name=\"id\" value=\"" + id + "\" aria-label=\"" + id + "\"></td>");
        page.raw("<td><a class=\"id\" href=\"" + Html.escape(root) + "/" + id + "\">" + id + "</a></td>");
        page.cell("time", QueueView.time(message.received()));
        page.cell("address", QueueView.from(message.sender())).cell("address", to(message));
        page.raw("<td>");
        QueueView.byState(message.states())
                .forEach((state, count) -> badge(page, state, message.recipientCount() == 1 ? 0 : count));
        page.raw("</td>").cell("number", Words.size(message.size()));
        page.cell("time", QueueView.due(message.due(), now)).cell("reply", lastReply(message));
        if (cluster) {
            page.cell("node", message.node() == null ? "" : message.node());
        }
        page.raw("</tr>");
    }

    private static String to(Item message) {
        int more = message.recipientCount() - 1;
        String first =
                message.recipients().isEmpty() ? "" : message.recipients().getFirst();
        return more > 0 ? first + " and " + Words.count(more) + " more" : first;
    }

    private static String lastReply(Item message) {
        return message.lastHost().isEmpty() ? message.lastReply() : message.lastHost() + ": " + message.lastReply();
    }

    /** The state as a coloured word, with a number before it unless that is 0. */
    static void badge(Html page, State state, int count) {
        page.raw("<span class=\"badge s-" + state.name() + "\">")
                .text((count == 0 ? "" : Words.count(count) + " ") + Words.state(state))
                .raw("</span> ");
    }

    private void sites(List<QueueView.Site> sites, Html page) {
        if (sites.isEmpty()) {
            return;
        }
        page.element("h3", node.isEmpty() ? "Sites" : "Sites of node " + node);
        page.raw("<table class=\"rows\">")
                .head(Set.of("Waiting", "Connections"), "Site", "Waiting", "Connections", "Pause");
        page.raw("<tbody>");
        for (QueueView.Site site : sites) {
            page.raw("<tr>").element("td", site.name()).cell("number", Words.count(site.waiting()));
            page.cell("number", Words.count(site.connections()))
                    .cell("reply", site.pause())
                    .raw("</tr>");
        }
        page.raw("</tbody></table>");
    }
}
