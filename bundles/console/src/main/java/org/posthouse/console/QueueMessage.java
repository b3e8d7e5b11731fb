// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.posthouse.api.Recipient;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
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

    void render(Spool.Stored stored, Html page) {
        Envelope envelope = stored.envelope();
        String id = envelope.id().toString();
        page.raw("<p><a href=\"" + Html.escape(root) + "\">← Queue</a></p>").element("h3", "Message " + id);
        facts(envelope, page);
        QueueAction.open(root, csrf, page);
        page.raw("<input type=\"hidden\" name=\"id\" value=\"" + id + "\">");
        page.raw("<input type=\"hidden\" name=\"stay\" value=\"" + id + "\">");
        QueueAction.buttons(page);
        page.raw("</form>");
        recipients(envelope.recipients(), stored.progress(), page);
        page.raw("<h3>Trace</h3><pre>").text(envelope.trace()).raw("</pre>");
    }

    private static void facts(Envelope envelope, Html page) {
        Envelope.Origin origin = envelope.origin();
        Envelope.Routing routing = envelope.routing();
        page.raw("<div class=\"facts\"><table>")
                .fact("Received (UTC)", Words.time(envelope.received()))
                .fact("From", QueueList.from(envelope))
                .fact("Size", Words.size(envelope.body().size()))
                .fact(
                        "Body",
                        envelope.sender().body().name() + (envelope.sender().smtpUtf8() ? ", SMTPUTF8" : ""))
                .fact("Envelope id", envelope.sender().envelopeId())
                .fact("Edited", edited(envelope))
                .raw("</table><table>")
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
                .fact("Judged by", envelope.stamp())
                .raw("</table></div>");
    }

    private static String edited(Envelope envelope) {
        String head = envelope.headEdited() ? "header" : "";
        String body = envelope.body().replacement().isEmpty() ? "" : "body";
        return head.isEmpty() || body.isEmpty() ? head + body : head + " and " + body;
    }

    private void recipients(List<Recipient> recipients, List<Progress> progress, Html page) {
        page.element("h3", Words.count(progress.size(), "recipient"));
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
        progress.stream().limit(SHOWN).forEach(p -> row(recipients.get(p.recipient()), p, page));
        page.raw("</tbody></table>");
        if (progress.size() > SHOWN) {
            page.element("p", "The first " + Words.count(SHOWN) + " are shown; 'posthouse queue show' has all.");
        }
    }

    private void row(Recipient recipient, Progress progress, Html page) {
        page.raw("<tr>").cell("address", recipient.address().toString()).raw("<td>");
        QueueList.badge(page, progress.state(), 0);
        boolean waits = !progress.state().ended() && progress.state() != State.HELD;
        page.raw("</td>").cell("number", Integer.toString(progress.attempts()));
        page.cell("time", waits ? Words.due(progress.due(), now) : "").cell("reply", progress.reply());
        page.cell("address", progress.host())
                .cell("time", Words.time(progress.changed()))
                .raw("</tr>");
    }
}
