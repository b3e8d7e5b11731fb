// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/**
 * The circuit breaker of one hook at one stage in one generation.
 *
 * <p>While it is closed, successes are only counted, and told to the window of the last calls before the next failure is:
 * between two failures nothing can open it, and telling each success by itself would cost more than an empty hook.
 */
final class Breaker {
    /** So many calls are let through to try whether the hook is well again. */
    static final int TRIALS = 5;

    private final Terms.Breaking terms;
    private final CircuitBreaker circuit;
    private final LongAdder untold = new LongAdder();

    /** The states, in the order of the gauge. */
    enum State {
        CLOSED("closed"),
        HALF_OPEN("half-open"),
        OPEN("open");

        private final String word;

        State(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }

        private static State of(CircuitBreaker.State state) {
            return switch (state) {
                case OPEN, FORCED_OPEN -> OPEN;
                case HALF_OPEN -> HALF_OPEN;
                case CLOSED, DISABLED, METRICS_ONLY -> CLOSED;
            };
        }
    }

    /**
     * A closed breaker.
     *
     * @param turned told of each change, before and after, on the thread whose call caused it
     */
    Breaker(Terms.Breaking terms, BiConsumer<State, State> turned) {
        this.terms = terms;
        CircuitBreakerConfig config = CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(terms.calls())
                .minimumNumberOfCalls(terms.calls())
                .failureRateThreshold(terms.failures())
                .waitDurationInOpenState(Duration.ofMillis(Math.max(1, terms.pauseMillis())))
                .permittedNumberOfCallsInHalfOpenState(TRIALS)
                .writableStackTraceEnabled(false)
                .build();
        this.circuit = CircuitBreaker.of("hook", config);
        circuit.getEventPublisher()
                .onStateTransition(event -> turned.accept(
                        State.of(event.getStateTransition().getFromState()),
                        State.of(event.getStateTransition().getToState())));
    }

    Terms.Breaking terms() {
        return terms;
    }

    /** Whether the hook may be asked now; each permitted call has to succeed or to fail. */
    boolean permits() {
        return circuit.tryAcquirePermission();
    }

    void succeeded(long nanos) {
        if (circuit.getState() == CircuitBreaker.State.CLOSED) {
            untold.increment();
        } else {
            circuit.onSuccess(nanos, TimeUnit.NANOSECONDS);
        }
    }

    void failed(long nanos) {
        for (long left = Math.min(untold.sumThenReset(), terms.calls()); left > 0; left--) {
            circuit.onSuccess(0, TimeUnit.NANOSECONDS);
        }
        circuit.onError(nanos, TimeUnit.NANOSECONDS, Told.FAILURE);
    }

    State state() {
        return State.of(circuit.getState());
    }

    /** The library wants something thrown; what it was is told elsewhere. */
    private static final class Told extends Exception {
        private static final long serialVersionUID = 1L;
        private static final Told FAILURE = new Told();

        private Told() {
            super("the hook failed", null, false, false);
        }
    }
}
