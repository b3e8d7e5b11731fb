// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Envelope;
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
            Envelope.Origin origin,
            Envelope.Routing routing,
            long size,
            boolean headEdited,
            boolean bodyReplaced,
            String trace,
            String stamp,
            List<To> recipients,
            @Nullable String node) {
        Detail {
            trace = text(trace);
            stamp = text(stamp);
            recipients = list(recipients);
        }
    }

    /** The reverse-path with its parameters. */
    record From(String address, String body, boolean smtpUtf8, String envelopeId) {
        From {
            envelopeId = text(envelopeId);
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
            reply = text(reply);
            host = text(host);
        }
    }

    /** Messages, octets of bodies, and recipients by state. */
    record Counts(long messages, long octets, Map<String, Long> recipients) {
        Counts {
            recipients = map(recipients);
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

    /** A time, or empty where there is none. */
    static String time(@Nullable String instant) {
        return instant == null ? "" : Words.time(Instant.parse(instant));
    }

    /** How a time is seen from another one, or empty where there is none. */
    static String due(@Nullable String instant, Instant now) {
        return instant == null ? "" : Words.due(Instant.parse(instant), now);
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
