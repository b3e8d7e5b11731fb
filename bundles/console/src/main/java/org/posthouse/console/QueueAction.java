// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;

/**
 * A button that was pressed: what to do with which messages.
 *
 * @param verb what
 * @param ids with which
 * @param reason why, for hold; may be empty
 * @param notice whether the sender is told, for delete
 * @param stay the message whose page is shown afterwards, or null for the list
 */
record QueueAction(
        Verb verb,
        List<MessageId> ids,
        String reason,
        boolean notice,
        @Nullable MessageId stay) {
    private static final int LONGEST_REASON = 500;

    /** What the buttons do. */
    enum Verb {
        HOLD("held"),
        RELEASE("released"),
        RETRY("due at once"),
        DELETE("deleted");

        private final String done;

        Verb(String done) {
            this.done = done;
        }
    }

    /**
     * Reads the form.
     *
     * @throws IllegalArgumentException when it is none of ours
     */
    static QueueAction of(HttpServletRequest request) {
        String verb = request.getParameter("verb");
        String reason = request.getParameter("reason");
        String stay = request.getParameter("stay");
        String[] ids = request.getParameterValues("id");
        return new QueueAction(
                Verb.valueOf(verb == null ? "" : verb),
                ids == null ? List.of() : Stream.of(ids).map(MessageId::parse).toList(),
                reason == null ? "" : line(reason),
                request.getParameter("notice") != null,
                stay == null ? null : MessageId.parse(stay));
    }

    private static String line(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ").strip();
        return line.substring(0, Math.min(line.length(), LONGEST_REASON));
    }

    /** Does it; returns what happened as one sentence. */
    String apply(ApiQueue queue) {
        if (ids.isEmpty()) {
            return "No message was chosen.";
        }
        int changed = 0;
        int gone = 0;
        for (MessageId id : ids) {
            try {
                Optional<Integer> recipients = queue.change(verb, id, reason, notice);
                changed += recipients.orElse(0);
                gone += recipients.isPresent() ? 0 : 1;
            } catch (ApiQueue.RefusedException e) {
                return "Stopped at " + id + ": " + e.getMessage();
            }
        }
        return Words.count(changed, "recipient") + " " + verb.done + "."
                + (gone == 0 ? "" : " " + Words.count(gone, "message") + " had left the queue already.");
    }

    /** Where the browser goes next, below the root of the page. */
    String next() {
        return stay == null || verb == Verb.DELETE ? "" : "/" + stay;
    }

    /** Opens the form that the buttons are in. */
    static void open(String root, String csrf, Html page) {
        page.raw("<form method=\"post\" class=\"actions\" action=\"" + Html.escape(root) + "\">")
                .raw("<input type=\"hidden\" name=\"" + Csrf.PARAMETER + "\" value=\"" + Html.escape(csrf) + "\">");
    }

    static void buttons(Html page) {
        page.raw("<p class=\"buttons\">");
        for (Verb verb : Verb.values()) {
            String name = verb.name().charAt(0) + verb.name().substring(1).toLowerCase(Locale.ROOT);
            page.raw("<button name=\"verb\" value=\"" + verb.name() + "\">" + name + "</button> ");
        }
        page.raw("<label>reason <input name=\"reason\" maxlength=\"" + LONGEST_REASON + "\"></label> ")
                .raw("<label><input type=\"checkbox\" name=\"notice\"> when deleting, tell the sender</label></p>");
    }
}
