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
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.telemetry.spi.Members;

/** The tab "Queue": what waits, why, and the buttons for it. */
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
    private transient volatile @Nullable Queue queue;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Members members;

    /** Made by the component runtime. */
    public QueuePage() {}

    QueuePage(Queue queue) {
        this.queue = queue;
    }

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
        Queue present = queue;
        if (present == null) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        setNoCache(response);
        response.setStatus(HttpServletResponse.SC_OK);
        response.setContentType("application/json");
        response.setCharacterEncoding("UTF-8");
        response.getWriter().write(QueueCounts.json(present.counts()));
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\" data-root=\"" + Html.escape(Place.root(request)) + "\">");
        Flash.render(request, page);
        Queue present = queue;
        if (present == null) {
            page.element("p", "The queue is not running (yet).");
        } else {
            tellNode(page);
            render(request, present, page);
        }
        page.raw(
                "<script src=\"" + Html.escape(Place.root(request)) + Assets.PREFIX + "posthouse.js\"></script></div>");
        response.getWriter().write(page.toString());
    }

    private void tellNode(Html page) {
        Members cluster = members;
        if (cluster != null) {
            page.raw("<p class=\"note\">")
                    .text("These are the messages of node " + cluster.self()
                            + " of the cluster; 'posthouse queue list' shows those of all nodes.")
                    .raw("</p>");
        }
    }

    private static void render(HttpServletRequest request, Queue queue, Html page) {
        try {
            String rest = Place.rest(request, LABEL);
            String csrf = Csrf.word(request);
            if (rest.length() <= 1) {
                new QueueList(Place.root(request), csrf).render(queue, QueueList.Asked.of(request), page);
                return;
            }
            Optional<Spool.Stored> message = queue.show(MessageId.parse(rest.substring(1)));
            if (message.isPresent()) {
                new QueueMessage(Place.root(request), csrf).render(message.get(), page);
            } else {
                page.element("p", "There is no such message in the queue (any more).");
            }
        } catch (IllegalArgumentException notAnId) {
            page.element("p", "There is nothing at this address.");
        } catch (SpoolException sick) {
            page.raw("<p class=\"bad\">")
                    .text("The spool can not be read: " + sick.getMessage())
                    .raw("</p>");
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!Csrf.valid(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "The form is too old: open the page again");
            return;
        }
        Queue present = queue;
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
        Flash.good(request, action.apply(present));
        response.sendRedirect(Place.root(request) + action.next());
    }
}
