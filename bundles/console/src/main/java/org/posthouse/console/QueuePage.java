// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.Members;

/** The tab "Queue": what waits, on all nodes where there is a cluster, why, and the buttons for it. */
@Component(
        service = Servlet.class,
        property = {
            ServletConstants.PLUGIN_LABEL + "=" + QueuePage.LABEL,
            ServletConstants.PLUGIN_TITLE + "=Queue",
            ServletConstants.PLUGIN_CATEGORY + "=Posthouse",
            ServletConstants.PLUGIN_CSS_REFERENCES + "=/" + QueuePage.LABEL + "/res/posthouse.css"
        })
public final class QueuePage extends AbstractServlet {
    /** Its place below {@code /system/console/}. */
    static final String LABEL = "queue";

    private static final long serialVersionUID = 1L;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Clerk clerk;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Members members;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String rest = Place.rest(request, LABEL);
        if (rest.startsWith(Assets.PREFIX)) {
            Assets.send(rest.substring(Assets.PREFIX.length()), response);
        } else if (rest.equals("/counts")) {
            sendCounts(response);
        }
        // Everything else is rendered between the console's header and footer.
    }

    private void sendCounts(HttpServletResponse response) throws IOException {
        Clerk present = clerk;
        if (present == null) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        String counts;
        try {
            counts = QueueCounts.json(new ApiQueue(present).counts());
        } catch (ApiQueue.RefusedException e) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, e.getMessage());
            return;
        }
        setNoCache(response);
        response.setStatus(HttpServletResponse.SC_OK);
        response.setContentType("application/json");
        response.setCharacterEncoding("UTF-8");
        response.getWriter().write(counts);
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\" data-root=\"" + Html.escape(Place.root(request)) + "\">");
        Flash.render(request, page);
        Clerk present = clerk;
        if (present == null) {
            page.element("p", "The API is not running (yet).");
        } else {
            render(request, new ApiQueue(present), page);
        }
        page.raw(
                "<script src=\"" + Html.escape(Place.root(request)) + Assets.PREFIX + "posthouse.js\"></script></div>");
        response.getWriter().write(page.toString());
    }

    private void render(HttpServletRequest request, ApiQueue queue, Html page) {
        try {
            String rest = Place.rest(request, LABEL);
            String csrf = Csrf.word(request);
            if (rest.length() <= 1) {
                new QueueList(Place.root(request), csrf, node()).render(queue, QueueList.Asked.of(request), page);
                return;
            }
            Optional<QueueView.Detail> message = queue.show(MessageId.parse(rest.substring(1)));
            if (message.isPresent()) {
                new QueueMessage(Place.root(request), csrf).render(message.get(), page);
            } else {
                page.element("p", "There is no such message in the queue (any more).");
            }
        } catch (IllegalArgumentException notAnId) {
            page.element("p", "There is nothing at this address.");
        } catch (ApiQueue.RefusedException e) {
            page.raw("<p class=\"bad\">").text(String.valueOf(e.getMessage())).raw("</p>");
        }
    }

    /** The name of this node; empty where the server is alone. */
    private String node() {
        Members cluster = members;
        return cluster == null ? "" : cluster.self();
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!Csrf.valid(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "The form is too old: open the page again");
            return;
        }
        Clerk present = clerk;
        if (present == null) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        QueueAction action;
        try {
            action = QueueAction.of(request);
        } catch (IllegalArgumentException wrong) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, "Not an action of this page");
            return;
        }
        QueueAction.Outcome outcome = action.apply(new ApiQueue(present));
        if (outcome.good()) {
            Flash.good(request, outcome.text());
        } else {
            Flash.bad(request, outcome.text());
        }
        response.sendRedirect(Place.root(request) + action.next());
    }
}
