// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/** What can be asked of the queue and done to it. */
final class QueueEndpoints {
    private static final int PAGE = 100;
    private static final int LARGEST_PAGE = 1000;
    private static final int LONGEST_REASON = 500;
    private static final String WHO = "api";

    private final Services services;

    QueueEndpoints(Services services) {
        this.services = services;
    }

    /** Something that may fail with the spool. */
    @FunctionalInterface
    private interface Call<T> {
        T call(Queue queue) throws SpoolException, Problem;
    }

    /** Something that changes recipients of a message and says how many. */
    @FunctionalInterface
    private interface Change {
        int apply(Queue queue, MessageId id) throws SpoolException;
    }

    /** The body of an action. */
    record Reason(@JsonProperty("reason") @Nullable String reason) {
        String text() throws Problem {
            String text = reason == null ? "" : reason.strip();
            if (text.length() > LONGEST_REASON || text.chars().anyMatch(Character::isISOControl)) {
                throw Problem.badRequest("A reason is one line of at most " + LONGEST_REASON + " characters");
            }
            return text;
        }
    }

    Response list(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, "state", "sender", "recipient", "cursor", "limit");
        Queue.Filter filter = new Queue.Filter(query.state("state"), query.text("sender"), query.text("recipient"));
        MessageId after = query.cursor("cursor");
        int most = query.number("limit", PAGE, 1, LARGEST_PAGE);
        return Json.ok(View.Page.of(ask(queue -> queue.list(filter, after, most))));
    }

    Response show(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        MessageId id = Parameters.id(arguments.getFirst());
        return Json.ok(View.Detail.of(ask(queue -> found(queue, id))));
    }

    Response counts(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(View.Counts.of(services.queue().counts()));
    }

    Response sites(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(new View.Sites(services.queue().sites()));
    }

    Response hold(Request request, List<String> arguments) throws Problem {
        String reason = reason(request);
        return change(arguments, (queue, id) -> queue.hold(id, reason.isEmpty() ? "held by operator" : reason, WHO));
    }

    Response release(Request request, List<String> arguments) throws Problem {
        String who = who(reason(request));
        return change(arguments, (queue, id) -> queue.release(id, who));
    }

    Response retry(Request request, List<String> arguments) throws Problem {
        String who = who(reason(request));
        return change(arguments, (queue, id) -> queue.retry(id, who));
    }

    Response delete(Request request, List<String> arguments) throws Problem {
        boolean notice = Parameters.of(request, "notice").flag("notice");
        String who = who(Json.read(request, Reason.class).text());
        return change(arguments, (queue, id) -> queue.delete(id, notice, who));
    }

    private static String reason(Request request) throws Problem {
        Parameters.of(request);
        return Json.read(request, Reason.class).text();
    }

    private static String who(String reason) {
        return reason.isEmpty() ? WHO : WHO + ": " + reason;
    }

    private Response change(List<String> arguments, Change change) throws Problem {
        MessageId id = Parameters.id(arguments.getFirst());
        int changed = ask(queue -> {
            found(queue, id);
            return change.apply(queue, id);
        });
        return Json.ok(new View.Changed(id.toString(), changed));
    }

    private static Spool.Stored found(Queue queue, MessageId id) throws SpoolException, Problem {
        return queue.show(id).orElseThrow(() -> Problem.notFound("There is no message " + id + " in the queue"));
    }

    private <T> T ask(Call<T> call) throws Problem {
        try {
            return call.call(services.queue());
        } catch (SpoolException e) {
            throw Problem.unavailable("The spool can not do that now: " + e.getMessage());
        }
    }
}
