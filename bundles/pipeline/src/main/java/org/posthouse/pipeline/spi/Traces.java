// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Event;
import org.posthouse.api.Stage;

/** What hooks said of sessions and messages: kept in a bounded ring, and stored where somebody asked for it. */
public interface Traces {
    /** The trace of a message, or of a session with all its messages so far; empty when it is not kept (any more). */
    Optional<Trace> find(String id);

    /** The newest traces first. */
    List<Trace> recent(int most);

    /** Stores the traces of the next transactions that fit; gives the watch its id. */
    Watch watch(Wanted wanted);

    /** The watches that still wait. */
    List<Watch> watches();

    /** Ends a watch; whether there was one. */
    boolean unwatch(String id);

    /** The ids of stored traces, newest first. */
    List<String> stored();

    /**
     * Which transactions are wanted; an empty text fits all.
     *
     * @param sender a reverse-path, or {@code @domain}
     * @param recipient a forward-path, or {@code @domain}
     * @param peer an IP address or network such as {@code 192.0.2.0/24}
     * @param most how many, 1 to 1000
     */
    record Wanted(String sender, String recipient, String peer, int most) {}

    /** A watch: what it waits for, since when, and how many it has stored. */
    record Watch(String id, Wanted wanted, Instant since, int stored) {}

    /**
     * One transaction, or a session without one.
     *
     * @param id the message, or empty for a session without a transaction
     * @param session the session
     * @param begun when the first hook was asked
     * @param facts session and envelope by their names in the event log: listener, peer, helo, tls, user, sender, recipients
     * @param steps what each hook said, in order
     * @param decision how the transaction ended, such as {@code queued} or {@code 550 5.7.1 …}; empty while it is open
     * @param events what happened to the message afterwards: queue, attempts, outcomes
     */
    record Trace(
            String id,
            String session,
            Instant begun,
            Map<String, String> facts,
            List<Step> steps,
            String decision,
            List<Event> events) {
        public Trace {
            facts = Map.copyOf(facts);
            steps = List.copyOf(steps);
            events = List.copyOf(events);
        }
    }

    /**
     * What one hook said once.
     *
     * @param stage the stage
     * @param about what was judged where a stage is asked more than once: the recipient, the HELO name; or empty
     * @param hook the hook
     * @param plugin its plugin
     * @param version the version of the jar
     * @param generation the generation
     * @param mode {@code enforce} or {@code shadow}
     * @param atMicros when it was asked, since the transaction began
     * @param micros how long it took
     * @param verdict the kind of verdict in lower case, or {@code failed: } and how
     * @param reply what the client was to be told, or empty
     * @param reason why, as the hook said
     * @param edits what it changed, one readable line each
     * @param scores what it added to scores
     * @param results the results of checks it recorded, as {@code method=value}
     */
    record Step(
            Stage stage,
            String about,
            String hook,
            String plugin,
            String version,
            String generation,
            String mode,
            long atMicros,
            long micros,
            String verdict,
            String reply,
            String reason,
            List<String> edits,
            Map<String, Double> scores,
            List<String> results) {
        public Step {
            edits = List.copyOf(edits);
            scores = Map.copyOf(scores);
            results = List.copyOf(results);
        }
    }
}
