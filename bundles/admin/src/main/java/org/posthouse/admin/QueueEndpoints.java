// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/** What can be asked of the queue and done to it; where there is a cluster, of all its nodes' and at the node that owns it. */
final class QueueEndpoints {
    private static final int PAGE = 100;
    private static final int LARGEST_PAGE = 1000;
    private static final int LONGEST_REASON = 500;

    private final Services services;
    private final Nodes nodes;

    QueueEndpoints(Services services) {
        this.services = services;
        this.nodes = new Nodes(services);
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

    /** Something that is done with a message that is here; returns what the answer shows. */
    @FunctionalInterface
    private interface Deed {
        Object view(Queue queue, Spool.Stored stored) throws SpoolException;
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
        Parameters query = Parameters.of(request, "state", "sender", "recipient", "cursor", "limit", Nodes.NODE);
        Queue.Filter filter = new Queue.Filter(query.state("state"), query.text("sender"), query.text("recipient"));
        MessageId after = query.cursor("cursor");
        int most = query.number("limit", PAGE, 1, LARGEST_PAGE);
        return nodes.whole(
                request,
                query,
                () -> View.Page.of(ask(queue -> queue.list(filter, after, most)), nodes.here()),
                (pages, missing) -> QueueSum.page(pages, most, missing));
    }

    Response show(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, Nodes.NODE);
        return one(request, query, arguments, (queue, stored) -> View.Detail.of(stored, nodes.here()));
    }

    Response counts(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, Nodes.NODE);
        return nodes.whole(request, query, () -> View.Counts.of(services.queue().counts()), QueueSum::counts);
    }

    Response sites(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(new View.Sites(services.queue().sites()));
    }

    Response hold(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, Nodes.NODE);
        String reason = reason(request);
        String why = reason.isEmpty() ? "held by operator" : reason;
        return change(request, query, arguments, (queue, id) -> queue.hold(id, why, request.who()));
    }

    Response release(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, Nodes.NODE);
        String who = who(request);
        return change(request, query, arguments, (queue, id) -> queue.release(id, who));
    }

    Response retry(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, Nodes.NODE);
        String who = who(request);
        return change(request, query, arguments, (queue, id) -> queue.retry(id, who));
    }

    Response delete(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, "notice", Nodes.NODE);
        boolean notice = query.flag("notice");
        String who = who(request);
        return change(request, query, arguments, (queue, id) -> queue.delete(id, notice, who));
    }

    private static String reason(Request request) throws Problem {
        return Json.read(request, Reason.class).text();
    }

    /** Who did it and why, in one. */
    private static String who(Request request) throws Problem {
        String reason = reason(request);
        return reason.isEmpty() ? request.who() : request.who() + ": " + reason;
    }

    private Response change(Request request, Parameters query, List<String> arguments, Change change) throws Problem {
        return one(request, query, arguments, (queue, stored) -> {
            MessageId id = stored.envelope().id();
            return new View.Changed(id.toString(), change.apply(queue, id), nodes.here());
        });
    }

    /** Does something with a message at the node that has it. */
    private Response one(Request request, Parameters query, List<String> arguments, Deed deed) throws Problem {
        MessageId id = Parameters.id(arguments.getFirst());
        return nodes.one(
                request,
                query,
                () -> ask(queue -> {
                    Spool.Stored stored = queue.show(id).orElse(null);
                    return stored == null ? Optional.empty() : Optional.of(deed.view(queue, stored));
                }),
                Problem.notFound("There is no message " + id + " in the queue"));
    }

    private <T> T ask(Call<T> call) throws Problem {
        try {
            return call.call(services.queue());
        } catch (SpoolException e) {
            throw Problem.unavailable("The spool can not do that now: " + e.getMessage());
        }
    }
}
