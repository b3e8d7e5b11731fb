// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Traces;

/** What hooks said of messages and sessions, and which are stored. */
final class TraceEndpoints {
    private static final int RECENT = 50;
    private static final int MOST_RECENT = 500;
    private static final int MOST_STORED = 1000;
    private static final int LONGEST = 320;

    /** A literal address with or without the length of a prefix; whether its numbers fit, the watch finds out. */
    private static final Pattern NETWORK = Pattern.compile("([0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(/[0-9]{1,3})?");

    private final Services services;

    TraceEndpoints(Services services) {
        this.services = services;
    }

    /** The body of a new watch. */
    record Wanted(
            @JsonProperty("sender") @Nullable String sender,
            @JsonProperty("recipient") @Nullable String recipient,
            @JsonProperty("peer") @Nullable String peer,
            @JsonProperty("count") @Nullable Integer count) {
        Traces.Wanted wanted() throws Problem {
            int most = count == null ? 1 : count;
            if (most < 1 || most > MOST_STORED) {
                throw Problem.badRequest("'count' must be from 1 to " + MOST_STORED);
            }
            String network = text(peer);
            if (!network.isEmpty() && !NETWORK.matcher(network).matches()) {
                throw Problem.badRequest("'peer' is no address or network such as 192.0.2.0/24: " + network);
            }
            return new Traces.Wanted(text(sender), text(recipient), network, most);
        }

        private static String text(@Nullable String text) throws Problem {
            String line = text == null ? "" : text.strip();
            if (line.length() > LONGEST || line.chars().anyMatch(Character::isISOControl)) {
                throw Problem.badRequest("An address is one line of at most " + LONGEST + " characters");
            }
            return line;
        }
    }

    Response recent(Request request, List<String> arguments) throws Problem {
        int most = Parameters.of(request, "limit").number("limit", RECENT, 1, MOST_RECENT);
        return Json.ok(new TraceView.Traced(services.traces().recent(most).stream()
                .map(TraceView.Summary::of)
                .toList()));
    }

    Response show(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        String id = arguments.getFirst();
        return services.traces()
                .find(id)
                .map(trace -> Json.ok(TraceView.Trace.of(trace)))
                .orElseThrow(() -> Problem.notFound("There is no trace of " + id + " (any more)"));
    }

    Response stored(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(new TraceView.Stored(services.traces().stored()));
    }

    Response watches(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(new TraceView.Watches(
                services.traces().watches().stream().map(TraceView.Watch::of).toList()));
    }

    Response watch(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Traces.Wanted wanted = Json.read(request, Wanted.class).wanted();
        Traces traces = services.traces();
        try {
            return Json.ok(TraceView.Watch.of(traces.watch(wanted)));
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("That can not be watched for: " + e.getMessage());
        }
    }

    Response unwatch(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Json.read(request, Api.Nothing.class);
        String id = arguments.getFirst();
        if (!services.traces().unwatch(id)) {
            throw Problem.notFound("There is no watch " + id + " (any more)");
        }
        return Json.ok(new View.Done(id, "ended"));
    }
}
