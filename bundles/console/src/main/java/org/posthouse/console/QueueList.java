// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The list of messages, a page at a time, with the sites below it. */
final class QueueList {
    private static final int PAGE = 50;

    private final String root;
    private final String csrf;
    private final Instant now = Instant.now();

    QueueList(String root, String csrf) {
        this.root = root;
        this.csrf = csrf;
    }

    /** What the address bar asks for. */
    record Asked(Queue.Filter filter, @Nullable MessageId after) {
        static Asked of(HttpServletRequest request) {
            String state = parameter(request, "state");
            String cursor = parameter(request, "cursor");
            return new Asked(
                    new Queue.Filter(
                            state.isEmpty() ? null : State.valueOf(state),
                            parameter(request, "sender"),
                            parameter(request, "recipient")),
                    cursor.isEmpty() ? null : MessageId.parse(cursor));
        }

        private static String parameter(HttpServletRequest request, String name) {
            String value = request.getParameter(name);
            return value == null ? "" : value.strip();
        }
    }

    void render(Queue queue, Asked asked, Html page) throws SpoolException {
        Queue.Page found = queue.list(asked.filter(), asked.after(), PAGE);
        QueueCounts.render(queue.counts(), root, asked.filter().state(), page);
        filter(asked.filter(), page);
        if (found.messages().isEmpty()) {
            page.element("p", asked.after() == null ? "No message fits." : "No further message fits.");
        } else {
            messages(found.messages(), page);
        }
        if (found.next() != null) {
            page.raw("<p><a class=\"button\" href=\"" + Html.escape(link(asked.filter(), found.next())) + "\">Next "
                    + PAGE + "</a></p>");
        }
        sites(queue.sites(), page);
    }

    private void filter(Queue.Filter filter, Html page) {
        page.raw("<form method=\"get\" class=\"filter\" action=\"" + Html.escape(root) + "\">");
        if (filter.state() != null) {
            page.raw("<input type=\"hidden\" name=\"state\" value=\""
                    + filter.state().name() + "\">");
        }
        field(page, "sender", filter.sender());
        field(page, "recipient", filter.recipient());
        page.raw("<button>Filter</button> <a href=\"" + Html.escape(root) + "\">Show all</a></form>");
    }

    private static void field(Html page, String name, String value) {
        page.raw("<label>" + name + " <input name=\"" + name + "\" value=\"" + Html.escape(value) + "\"></label> ");
    }

    private String link(Queue.Filter filter, MessageId cursor) {
        return root + "?cursor=" + cursor
                + (filter.state() == null ? "" : "&state=" + filter.state().name())
                + "&sender=" + URLEncoder.encode(filter.sender(), StandardCharsets.UTF_8)
                + "&recipient=" + URLEncoder.encode(filter.recipient(), StandardCharsets.UTF_8);
    }

    private void messages(List<Spool.Stored> messages, Html page) {
        QueueAction.open(root, csrf, page);
        page.raw("<table class=\"rows\"><thead><tr><th><input type=\"checkbox\" data-all aria-label=\"all\"></th>");
        for (String title : List.of("Message", "Received (UTC)", "From", "To", "State", "Size", "Due", "Last reply")) {
            page.raw(title.equals("Size") ? "<th class=\"number\">" : "<th>")
                    .text(title)
                    .raw("</th>");
        }
        page.raw("</tr></thead><tbody>");
        messages.forEach(message -> row(message, page));
        page.raw("</tbody></table>");
        QueueAction.buttons(page);
        page.raw("</form>");
    }

    private void row(Spool.Stored stored, Html page) {
        Envelope envelope = stored.envelope();
        String id = envelope.id().toString();
        page.raw("<tr><td><input type=\"checkbox\" name=\"id\" value=\"" + id + "\" aria-label=\"" + id + "\"></td>");
        page.raw("<td><a class=\"id\" href=\"" + Html.escape(root) + "/" + id + "\">" + id + "</a></td>");
        page.cell("time", Words.time(envelope.received()));
        page.cell("address", from(envelope)).cell("address", to(envelope));
        page.raw("<td>");
        states(stored.progress())
                .forEach((state, count) ->
                        badge(page, state, envelope.recipients().size() == 1 ? 0 : count));
        page.raw("</td>").cell("number", Words.size(envelope.body().size()));
        page.cell("time", due(stored.progress()))
                .cell("reply", lastReply(stored.progress()))
                .raw("</tr>");
    }

    static String from(Envelope envelope) {
        return envelope.sender().address().isNull()
                ? "<>"
                : envelope.sender().address().toString();
    }

    private static String to(Envelope envelope) {
        int more = envelope.recipients().size() - 1;
        String first = envelope.recipients().isEmpty()
                ? ""
                : envelope.recipients().getFirst().address().toString();
        return more > 0 ? first + " and " + Words.count(more) + " more" : first;
    }

    private static Map<State, Integer> states(List<Progress> progress) {
        Map<State, Integer> counts = new EnumMap<>(State.class);
        progress.forEach(p -> counts.merge(p.state(), 1, Integer::sum));
        return counts;
    }

    /** The state as a coloured word, with a number before it unless that is 0. */
    static void badge(Html page, State state, int count) {
        page.raw("<span class=\"badge s-" + state.name() + "\">")
                .text((count == 0 ? "" : Words.count(count) + " ") + Words.state(state))
                .raw("</span> ");
    }

    private String due(List<Progress> progress) {
        Optional<Instant> due = progress.stream()
                .filter(p -> !p.state().ended() && p.state() != State.HELD)
                .map(Progress::due)
                .min(Comparator.naturalOrder());
        return due.map(time -> Words.due(time, now)).orElse("");
    }

    private static String lastReply(List<Progress> progress) {
        return progress.stream()
                .filter(p -> !p.reply().isEmpty())
                .max(Comparator.comparing(Progress::changed))
                .map(p -> p.host().isEmpty() ? p.reply() : p.host() + ": " + p.reply())
                .orElse("");
    }

    private static void sites(List<Queue.SiteLine> sites, Html page) {
        if (sites.isEmpty()) {
            return;
        }
        page.raw("<h3>Sites</h3><table class=\"rows\">")
                .head(Set.of("Waiting", "Connections"), "Site", "Waiting", "Connections", "Pause");
        page.raw("<tbody>");
        for (Queue.SiteLine site : sites) {
            page.raw("<tr>").element("td", site.name()).cell("number", Words.count(site.waiting()));
            page.cell("number", Words.count(site.connections()))
                    .cell("reply", site.pause())
                    .raw("</tr>");
        }
        page.raw("</tbody></table>");
    }
}
