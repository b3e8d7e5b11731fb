// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.State;

/** What the REST API says of the queue; what is not said is empty. */
final class QueueView {
    private QueueView() {}

    /**
     * A page of messages.
     *
     * @param next the cursor of the next page; null on the last
     * @param missing the nodes that do not answer
     */
    record Page(List<Item> items, @Nullable String next, List<String> missing) {
        Page {
            items = list(items);
            missing = list(missing);
        }
    }

    /** A message in the list; its node only in a cluster. */
    record Item(
            String id,
            String received,
            String sender,
            int recipientCount,
            List<String> recipients,
            Map<String, Integer> states,
            long size,
            @Nullable String due,
            String lastReply,
            String lastHost,
            @Nullable String node) {
        Item {
            sender = text(sender);
            recipients = list(recipients);
            states = map(states);
            lastReply = text(lastReply);
            lastHost = text(lastHost);
        }
    }

    /** All that is known of a message. */
    record Detail(
            String id,
            String received,
            From sender,
            Origin origin,
            Routing routing,
            long size,
            boolean headEdited,
            boolean bodyReplaced,
            String trace,
            String stamp,
            List<To> recipients,
            @Nullable String node) {
        Detail {
            sender = sender == null ? new From("", "", false, "") : sender;
            origin = origin == null ? new Origin("", "", "", "", "", "") : origin;
            routing = routing == null ? new Routing("", "", 0, List.of(), "") : routing;
            trace = text(trace);
            stamp = text(stamp);
            recipients = list(recipients);
        }
    }

    /** The reverse-path with its parameters. */
    record From(String address, String body, boolean smtpUtf8, String envelopeId) {
        From {
            address = text(address);
            body = text(body);
            envelopeId = text(envelopeId);
        }
    }

    /** Where a message came from. */
    record Origin(String session, String listener, String peer, String helo, String tls, String user) {
        Origin {
            session = text(session);
            listener = text(listener);
            peer = text(peer);
            helo = text(helo);
            tls = text(tls);
            user = text(user);
        }
    }

    /** How a message is to travel. */
    record Routing(String tenant, String zone, int priority, List<String> tags, String holdReason) {
        Routing {
            tenant = text(tenant);
            zone = text(zone);
            tags = list(tags);
            holdReason = text(holdReason);
        }
    }

    /** A recipient and how far it is. */
    record To(
            String address,
            String state,
            int attempts,
            @Nullable String due,
            String reply,
            String host,
            String changed) {
        To {
            address = text(address);
            state = text(state);
            reply = text(reply);
            host = text(host);
        }
    }

    /** Messages, octets of bodies, recipients by state, and the nodes that do not answer. */
    record Counts(long messages, long octets, Map<String, Long> recipients, List<String> missing) {
        Counts {
            recipients = map(recipients);
            missing = list(missing);
        }

        Map<State, Long> states() {
            return byState(recipients);
        }
    }

    /** The sites that this node delivers to. */
    record Sites(List<Site> sites) {
        Sites {
            sites = list(sites);
        }
    }

    /** One site: what waits, what runs, and why it pauses. */
    record Site(String name, int waiting, int connections, String pause) {
        Site {
            name = text(name);
            pause = text(pause);
        }
    }

    /** How many recipients an action changed. */
    record Changed(int changed) {}

    /** A state by the name that it has in the API; states of a later version are left out. */
    static @Nullable State state(String name) {
        for (State state : State.values()) {
            if (state.name().equals(name.toUpperCase(Locale.ROOT))) {
                return state;
            }
        }
        return null;
    }

    static <N> Map<State, N> byState(Map<String, N> named) {
        Map<State, N> counts = new EnumMap<>(State.class);
        named.forEach((name, count) -> {
            State state = state(name);
            if (state != null) {
                counts.put(state, count);
            }
        });
        return counts;
    }

    /** A time as people read it; what is none stays as it is. */
    static String time(@Nullable String instant) {
        return words(instant, Words::time);
    }

    /** How a time is seen from another one; what is none stays as it is. */
    static String due(@Nullable String instant, Instant now) {
        return words(instant, due -> Words.due(due, now));
    }

    private static String words(@Nullable String instant, Function<Instant, String> words) {
        try {
            return instant == null ? "" : words.apply(Instant.parse(instant));
        } catch (DateTimeParseException e) {
            return instant;
        }
    }

    /** The reverse-path as people write it. */
    static String from(String address) {
        return address.isEmpty() ? "<>" : address;
    }

    private static String text(@Nullable String given) {
        return Objects.requireNonNullElse(given, "");
    }

    private static <T> List<T> list(@Nullable List<T> given) {
        return given == null ? List.of() : List.copyOf(given);
    }

    private static <N> Map<String, N> map(@Nullable Map<String, N> given) {
        return given == null ? Map.of() : Map.copyOf(given);
    }
}
