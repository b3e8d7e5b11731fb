// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.posthouse.console.QueueView.Detail;
import org.posthouse.spool.spi.State;

/** One message with all that is known of it. */
final class QueueMessage {
    /** More recipients than this are shown by the API and the command line. */
    private static final int SHOWN = 1000;

    private final String root;
    private final String csrf;
    private final Instant now = Instant.now();

    QueueMessage(String root, String csrf) {
        this.root = root;
        this.csrf = csrf;
    }

    void render(Detail message, Html page) {
        String id = Html.escape(message.id());
        page.raw("<p><a href=\"" + Html.escape(root) + "\">← Queue</a></p>").element("h3", "Message " + message.id());
        facts(message, page);
        QueueAction.open(root, csrf, page);
        page.raw("<input type=\"hidden\" name=\"id\" value=\"" + id + "\">");
        page.raw("<input type=\"hidden\" name=\"stay\" value=\"" + id + "\">");
        QueueAction.buttons(page);
        page.raw("</form>");
        recipients(message.recipients(), page);
        page.raw("<h3>Trace</h3><pre>").text(message.trace()).raw("</pre>");
    }

    private static void facts(Detail message, Html page) {
        QueueView.Origin origin = message.origin();
        QueueView.Routing routing = message.routing();
        page.raw("<div class=\"facts\"><table>")
                .fact("Received (UTC)", QueueView.time(message.received()))
                .fact("From", QueueView.from(message.sender().address()))
                .fact("Size", Words.size(message.size()))
                .fact("Body", message.sender().body() + (message.sender().smtpUtf8() ? ", SMTPUTF8" : ""))
                .fact("Envelope id", message.sender().envelopeId())
                .fact("Edited", edited(message));
        if (message.node() != null) {
            page.fact("Node", message.node());
        }
        page.raw("</table><table>")
                .fact("Listener", origin.listener())
                .fact("Client", origin.peer())
                .fact("HELO", origin.helo())
                .fact("TLS", origin.tls())
                .fact("User", origin.user())
                .fact("Session", origin.session())
                .raw("</table><table>")
                .fact("Tenant", routing.tenant())
                .fact("Zone", routing.zone())
                .fact("Priority", Integer.toString(routing.priority()))
                .fact("Tags", String.join(", ", routing.tags()))
                .fact("Held because", routing.holdReason())
                .fact("Judged by", message.stamp())
                .raw("</table></div>");
    }

    private static String edited(Detail message) {
        String head = message.headEdited() ? "header" : "";
        String body = message.bodyReplaced() ? "body" : "";
        return head.isEmpty() || body.isEmpty() ? head + body : head + " and " + body;
    }

    private void recipients(List<QueueView.To> recipients, Html page) {
        page.element("h3", Words.count(recipients.size(), "recipient"));
        page.raw("<table class=\"rows\">")
                .head(
                        Set.of("Attempts"),
                        "Recipient",
                        "State",
                        "Attempts",
                        "Due",
                        "Last reply",
                        "From host",
                        "Changed (UTC)");
        page.raw("<tbody>");
        recipients.stream().limit(SHOWN).forEach(to -> row(to, page));
        page.raw("</tbody></table>");
        if (recipients.size() > SHOWN) {
            page.element("p", "The first " + Words.count(SHOWN) + " are shown; 'posthouse queue show' has all.");
        }
    }

    private void row(QueueView.To to, Html page) {
        State state = QueueView.state(to.state());
        page.raw("<tr>").cell("address", to.address()).raw("<td>");
        if (state != null) {
            QueueList.badge(page, state, 0);
        }
        page.raw("</td>").cell("number", Integer.toString(to.attempts()));
        page.cell("time", state == State.HELD ? "" : QueueView.due(to.due(), now))
                .cell("reply", to.reply());
        page.cell("address", to.host())
                .cell("time", QueueView.time(to.changed()))
                .raw("</tr>");
    }
}
