// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
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
 * @param reason why; may be empty
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
        String line = text.replaceAll("\\p{Cc}", " ").strip();
        return line.substring(0, Math.min(line.length(), LONGEST_REASON));
    }

    /** What came of it, as one sentence or two, and whether all was done. */
    record Outcome(String text, boolean good) {}

    /** Does it with each message, whatever becomes of the one before. */
    Outcome apply(ApiQueue queue) {
        if (ids.isEmpty()) {
            return new Outcome("No message was chosen.", false);
        }
        int changed = 0;
        int gone = 0;
        List<String> refused = new ArrayList<>();
        for (MessageId id : ids) {
            try {
                Optional<Integer> recipients = queue.change(verb, id, reason, notice);
                changed += recipients.orElse(0);
                gone += recipients.isPresent() ? 0 : 1;
            } catch (ApiQueue.RefusedException e) {
                refused.add(id + ": " + e.getMessage());
            }
        }
        String text = Words.count(changed, "recipient") + " " + verb.done + "."
                + (gone == 0 ? "" : " " + Words.count(gone, "message") + " had left the queue already.")
                + (refused.isEmpty()
                        ? ""
                        : " Not done with " + Words.count(refused.size(), "message") + ", of which the first is "
                                + refused.getFirst());
        return new Outcome(text, refused.isEmpty());
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
