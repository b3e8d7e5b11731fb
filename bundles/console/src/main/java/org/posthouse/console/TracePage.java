// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.pipeline.spi.Traces;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tab "Trace": what hooks said of messages, and which are waited for. */
@Component(
        service = Servlet.class,
        property = {
            ServletConstants.PLUGIN_LABEL + "=" + TracePage.LABEL,
            ServletConstants.PLUGIN_TITLE + "=Trace",
            ServletConstants.PLUGIN_CATEGORY + "=Posthouse",
            ServletConstants.PLUGIN_CSS_REFERENCES + "=/" + QueuePage.LABEL + "/res/posthouse.css"
        })
public final class TracePage extends AbstractServlet {
    /** Its place below {@code /system/console/}. */
    static final String LABEL = "trace";

    private static final long serialVersionUID = 1L;
    private static final int RECENT = 50;
    private static final int STORED = 50;
    private static final int MOST = 1000;
    private static final int LONGEST = 320;
    private static final Logger LOG = LoggerFactory.getLogger(TracePage.class);

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Traces traces;

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\">");
        Flash.render(request, page);
        Traces present = traces;
        if (present == null) {
            page.element("p", "The trace is not running (yet).");
        } else {
            render(request, present, page);
        }
        response.getWriter().write(page.raw("</div>").toString());
    }

    private static void render(HttpServletRequest request, Traces traces, Html page) {
        String rest = Place.rest(request, LABEL);
        String id = rest.length() > 1 ? rest.substring(1) : Place.parameter(request, "id");
        search(request, id, page);
        if (!id.isEmpty()) {
            Optional<Traces.Trace> found = traces.find(id);
            if (found.isPresent()) {
                TraceTimeline.render(found.get(), Place.of(request, QueuePage.LABEL), page);
            } else {
                page.element("p", "There is no trace of " + id + " (any more).");
            }
            return;
        }
        recent(request, traces.recent(RECENT), page);
        watches(request, traces.watches(), page);
        stored(request, traces.stored(), page);
    }

    private static void search(HttpServletRequest request, String id, Html page) {
        String root = Html.escape(Place.root(request));
        page.raw("<form method=\"get\" class=\"filter\" action=\"" + root + "\"><label>message or session "
                        + "<input name=\"id\" class=\"long\" value=\"" + Html.escape(id) + "\"></label> ")
                .raw("<button>Show</button> ");
        if (!id.isEmpty()) {
            page.raw("<a href=\"" + root + "\">All recent ones</a>");
        }
        page.raw("</form>");
    }

    private static void recent(HttpServletRequest request, List<Traces.Trace> recent, Html page) {
        page.raw("<h3>Recent</h3>");
        if (recent.isEmpty()) {
            page.element("p", "Nothing was traced yet.");
            return;
        }
        page.raw("<table class=\"rows\">")
                .head(
                        Set.of("Hooks", "Took"),
                        "Message",
                        "Begun (UTC)",
                        "Client",
                        "From",
                        "To",
                        "Hooks",
                        "Took",
                        "Decision")
                .raw("<tbody>");
        for (Traces.Trace trace : recent) {
            page.raw("<tr><td>");
            link(request, trace.id().isEmpty() ? trace.session() : trace.id(), page);
            page.raw("</td>")
                    .cell("time", Words.time(trace.begun()))
                    .element("td", trace.facts().getOrDefault("peer", ""))
                    .cell("address", trace.facts().getOrDefault("sender", ""))
                    .cell("address", trace.facts().getOrDefault("recipients", ""));
            page.cell("number", Words.count(trace.steps().size()));
            page.cell(
                            "number",
                            Words.millis(trace.steps().stream()
                                    .mapToLong(Traces.Step::micros)
                                    .sum()))
                    .cell("reply", trace.decision())
                    .raw("</tr>");
        }
        page.raw("</tbody></table>");
    }

    private static void link(HttpServletRequest request, String id, Html page) {
        String address = Place.root(request) + "/" + Place.word(id);
        page.raw("<a class=\"id\" href=\"" + Html.escape(address) + "\">")
                .text(id)
                .raw("</a>");
    }

    private static void watches(HttpServletRequest request, List<Traces.Watch> watches, Html page) {
        page.raw("<h3>Store the traces of the next transactions</h3>");
        page.raw("<form method=\"post\" class=\"filter\" action=\"" + Html.escape(Place.root(request)) + "\">")
                .raw(Csrf.field(request))
                .raw(
                        "<label>from <input name=\"sender\" placeholder=\"address or @domain\" maxlength=\"320\"></label> ")
                .raw(
                        "<label>to <input name=\"recipient\" placeholder=\"address or @domain\" maxlength=\"320\"></label> ")
                .raw("<label>client <input name=\"peer\" placeholder=\"192.0.2.0/24\" maxlength=\"64\"></label> ")
                .raw("<label>how many <input name=\"count\" class=\"short\" type=\"number\" min=\"1\" max=\"" + MOST
                        + "\" value=\"1\"></label> ")
                .raw("<button name=\"verb\" value=\"WATCH\">Watch</button></form>");
        if (watches.isEmpty()) {
            return;
        }
        page.raw("<form method=\"post\" class=\"actions\" action=\"" + Html.escape(Place.root(request)) + "\">")
                .raw(Csrf.field(request))
                .raw("<table class=\"rows\">")
                .head(
                        Set.of("Wanted", "Stored"),
                        "Watch",
                        "Since (UTC)",
                        "From",
                        "To",
                        "Client",
                        "Wanted",
                        "Stored",
                        "")
                .raw("<tbody>");
        for (Traces.Watch watch : watches) {
            page.raw("<tr>").cell("id", watch.id()).cell("time", Words.time(watch.since()));
            page.cell("address", watch.wanted().sender())
                    .cell("address", watch.wanted().recipient())
                    .element("td", watch.wanted().peer())
                    .cell("number", Words.count(watch.wanted().most()))
                    .cell("number", Words.count(watch.stored()))
                    .raw("<td><button name=\"unwatch\" value=\"" + Html.escape(watch.id())
                            + "\">End</button></td></tr>");
        }
        page.raw("</tbody></table></form>");
    }

    private static void stored(HttpServletRequest request, List<String> stored, Html page) {
        if (stored.isEmpty()) {
            return;
        }
        page.raw("<h3>Stored</h3><p>");
        stored.stream().limit(STORED).forEach(id -> link(request, id, page.raw(" ")));
        page.raw("</p>");
        if (stored.size() > STORED) {
            page.raw("<p class=\"note\">")
                    .text("The newest " + STORED + " of " + Words.count(stored.size())
                            + "; ‘posthouse trace stored’ lists all.")
                    .raw("</p>");
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!Csrf.valid(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "The form is too old: open the page again");
            return;
        }
        Traces present = traces;
        if (present == null) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        String ended = Place.parameter(request, "unwatch");
        if (ended.isEmpty()) {
            watch(request, present);
        } else {
            Flash.good(request, present.unwatch(ended) ? "The watch ended." : "The watch had ended already.");
        }
        response.sendRedirect(Place.root(request));
    }

    private static void watch(HttpServletRequest request, Traces traces) {
        try {
            Traces.Watch watch = traces.watch(wanted(request));
            LOG.info("Console: trace watch {} waits", watch.id());
            Flash.good(request, "Watch " + watch.id() + " waits.");
        } catch (IllegalArgumentException wrong) {
            Flash.bad(request, "That can not be watched for: " + wrong.getMessage());
        }
    }

    private static Traces.Wanted wanted(HttpServletRequest request) {
        String count = Place.parameter(request, "count");
        int most = count.matches("[0-9]{1,4}") ? Integer.parseInt(count) : 0;
        if (most < 1 || most > MOST) {
            throw new IllegalArgumentException("the number must be from 1 to " + MOST);
        }
        String peer = Place.parameter(request, "peer");
        // A name would be looked up.
        if (!peer.matches("([0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)?(/[0-9]{1,3})?")) {
            throw new IllegalArgumentException("the client is an IP address or network such as 192.0.2.0/24");
        }
        return new Traces.Wanted(address(request, "sender"), address(request, "recipient"), peer, most);
    }

    private static String address(HttpServletRequest request, String name) {
        String text = Place.parameter(request, name);
        if (text.length() > LONGEST || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("an address is one line of at most " + LONGEST + " characters");
        }
        return text;
    }
}
