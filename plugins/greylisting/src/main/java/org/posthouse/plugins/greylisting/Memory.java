// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.SharedState;

/**
 * What the greylist has seen: in the shared state, so that it outlives a restart and a cluster shares it.
 *
 * <p>First attempts and passed triplets are kept apart, because their lives differ: most first attempts are never followed
 * by a second one.
 */
final class Memory {
    /** Uses within this share of a life do not prolong it: known mail costs a look-up and no write. */
    private static final int PARTS = 20;
    /** So far the clocks of two servers may differ. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    private final SharedState.Table<Long> waiting;
    private final SharedState.Table<Long> passed;
    private final SharedState.Table<String> clients;
    private final Recent recent;
    private final Terms terms;
    private final Clock clock;

    Memory(SharedState state, Terms terms, Clock clock) {
        this.waiting = state.table("waiting", Long.class);
        this.passed = state.table("passed", Long.class);
        this.clients = state.table("clients", String.class);
        this.recent = new Recent(state, terms.lifetime());
        this.terms = terms;
        this.clock = clock;
    }

    /**
     * Asks about a triplet, and remembers that it was tried.
     *
     * @param excess why a new one is not remembered; asked for new ones alone
     */
    Answer ask(Triplet triplet, Supplier<Optional<Outcome>> excess) {
        Instant now = clock.instant();
        Client client = client(triplet.client());
        if (earned(client)) {
            if (stale(client.used(), now)) {
                clients.update(
                        triplet.client(),
                        terms.lifetime(),
                        text -> known(text).used(now).text());
            }
            return Answer.pass(Outcome.CLIENT);
        }
        String key = triplet.key();
        Optional<Instant> last =
                passed.get(key).map(Instant::ofEpochMilli).filter(at -> at.isAfter(client.forgotten()));
        if (last.isPresent()) {
            if (stale(last.get(), now)) {
                passed.put(key, now.toEpochMilli(), terms.lifetime());
            }
            return Answer.pass(Outcome.KNOWN);
        }
        return tried(triplet, client, excess, now);
    }

    private Answer tried(Triplet triplet, Client client, Supplier<Optional<Outcome>> excess, Instant now) {
        Predicate<Long> counts = millis -> counts(Instant.ofEpochMilli(millis), client, now);
        String key = triplet.key();
        Optional<Long> first = waiting.get(key).filter(counts);
        if (first.isEmpty()) {
            return excess.get()
                    .map(outcome -> Answer.wait(outcome, terms.delay()))
                    .orElseGet(() -> fresh(triplet, counts, now));
        }
        Duration pause = terms.delay().minusMillis(Math.max(0, now.toEpochMilli() - first.get()));
        if (pause.isPositive()) {
            return Answer.wait(Outcome.EARLY, pause);
        }
        passed.put(key, now.toEpochMilli(), terms.lifetime());
        waiting.remove(key);
        return Answer.pass(Outcome.RETRIED);
    }

    /** Not what the operator told to forget, nor what is too old, nor what lies ahead since the clock was set back. */
    private boolean counts(Instant first, Client client, Instant now) {
        return first.isAfter(client.forgotten())
                && first.isBefore(now.plus(SKEW))
                && !first.plus(terms.retryWindow()).isBefore(now);
    }

    private Answer fresh(Triplet triplet, Predicate<Long> counts, Instant now) {
        // Of two that are the first at the same time, the earlier one counts.
        waiting.update(
                triplet.key(),
                terms.retryWindow(),
                millis -> millis != null && counts.test(millis) ? millis : Long.valueOf(now.toEpochMilli()));
        recent.add(triplet, now);
        return Answer.wait(Outcome.FRESH, terms.delay());
    }

    /** A message of this client was tried again in time. */
    void passed(String client) {
        Instant now = clock.instant();
        Optional<Client> after = clients.update(
                        client,
                        terms.lifetime(),
                        text -> known(text).passed(now).text())
                .map(Client::of);
        if (after.isPresent() && terms.autoAllow() > 0 && after.get().passes() == terms.autoAllow()) {
            recent.add(new Triplet(client, "", ""), now);
        }
    }

    /** Nothing that this client did so far counts any more. */
    void forget(String client) {
        // The mark must live as long as what it hides.
        Duration life = terms.lifetime().compareTo(terms.retryWindow()) > 0 ? terms.lifetime() : terms.retryWindow();
        Instant now = clock.instant();
        clients.put(client, new Client(0, now, now).text(), life);
    }

    Client client(String name) {
        return clients.get(name).map(Client::of).orElse(Client.UNKNOWN);
    }

    boolean earned(Client client) {
        return terms.autoAllow() > 0 && client.passes() >= terms.autoAllow();
    }

    /** When a triplet was tried first, while it waits. */
    Optional<Instant> waitingSince(Triplet triplet) {
        return after(waiting.get(triplet.key()), triplet);
    }

    /** When a triplet passed last, to within a part of its life. */
    Optional<Instant> passedAt(Triplet triplet) {
        return after(passed.get(triplet.key()), triplet);
    }

    private Optional<Instant> after(Optional<Long> millis, Triplet triplet) {
        Instant forgotten = client(triplet.client()).forgotten();
        return millis.map(Instant::ofEpochMilli).filter(at -> at.isAfter(forgotten));
    }

    private boolean stale(Instant used, Instant now) {
        return Duration.between(used, now).compareTo(terms.lifetime().dividedBy(PARTS)) > 0;
    }

    private static Client known(@Nullable String text) {
        return text == null ? Client.UNKNOWN : Client.of(text);
    }
}
