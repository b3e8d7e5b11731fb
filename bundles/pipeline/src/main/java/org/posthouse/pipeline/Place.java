// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;

/** A hook in its place in the order of a stage: who is asked, for how long, and what its failure means. */
public final class Place {
    /** A hook with so many threads that are overdue and still run is not asked any more. */
    static final int MOST_ABANDONED = 4;

    private final HookSpec spec;
    private final Generation generation;
    private final @Nullable Object hook;
    private final Terms terms;
    private final Tally tally;
    private final Counts counts;
    private final Guard guard;
    private final boolean everywhere;
    private final EnumSet<Need> needs;
    private final long budgetNanos;

    /**
     * A place.
     *
     * @param spec what the hook declared, settings applied
     * @param generation the generation it belongs to
     * @param hook the service, null when it is missing
     * @param terms what the operator says of it
     * @param tally its counts, over all generations
     * @param guard what contains this hook in this generation
     */
    public Place(HookSpec spec, Generation generation, @Nullable Object hook, Terms terms, Tally tally, Guard guard) {
        this.spec = spec;
        this.generation = generation;
        this.hook = hook;
        this.terms = terms;
        this.tally = tally;
        this.counts = generation.counts(spec);
        this.guard = guard;
        this.everywhere = terms.listeners().isEmpty() && terms.tenants().isEmpty();
        this.needs = EnumSet.noneOf(Need.class);
        this.needs.addAll(spec.needs());
        this.budgetNanos = TimeUnit.MILLISECONDS.toNanos(spec.timeoutMillis());
    }

    /** What the hook declared. */
    public HookSpec spec() {
        return spec;
    }

    /** The generation. */
    public Generation generation() {
        return generation;
    }

    /** The service; null when the hook is missing. */
    public @Nullable Object hook() {
        return hook;
    }

    /** The counts. */
    public Tally tally() {
        return tally;
    }

    /** The counts of this generation alone. */
    public Counts.Sum counts() {
        return counts.sum();
    }

    /** Overdue threads of this hook that still run. */
    public int abandoned() {
        return guard.abandoned();
    }

    /** How many threads run the hook now. */
    public int running() {
        return guard.running();
    }

    /** The state of its breaker: {@code closed}, {@code half-open}, {@code open}; {@code none} where it has none. */
    public String breaker() {
        Breaker.State state = guard.breaker();
        return state == null ? "none" : state.word();
    }

    /** The state of its breaker as a number: 0 closed or none, 1 half-open, 2 open. */
    public int breakerLevel() {
        Breaker.State state = guard.breaker();
        return state == null ? 0 : state.ordinal();
    }

    /** Puts the operator's terms of the breaker in force; changes of its state are told to log and events. */
    public void rule(Failures failures) {
        guard.rule(terms.breaker(), (before, now) -> failures.turned(this, before, now));
    }

    String name() {
        return spec.name();
    }

    OnFailure onFailure() {
        return spec.onFailure();
    }

    long budgetNanos() {
        return budgetNanos;
    }

    /** What the operator says of it. */
    public Terms terms() {
        return terms;
    }

    /** Whether the hook applies to who asks, and this generation judges the session. */
    boolean isAsked(Question question) {
        return (everywhere || appliesTo(question.listener(), question.tenant()))
                && (terms.whole() || judges(question.bucket()));
    }

    boolean appliesTo(String listener, String tenant) {
        return (terms.listeners().isEmpty() || terms.listeners().contains(listener))
                && (terms.tenants().isEmpty() || terms.tenants().contains(tenant));
    }

    /** Whether this generation judges the sessions of this bucket. */
    boolean judges(int bucket) {
        return terms.from() <= bucket && bucket < terms.to();
    }

    void called(long nanos) {
        tally.called(nanos);
        counts.called(nanos);
    }

    void counted(Failure kind) {
        tally.failed(kind);
        counts.failed();
    }

    void notAsked() {
        counts.barred();
    }

    boolean has(Need need) {
        return needs.contains(need);
    }

    /** Lets a call in, or says why not; a call let in leaves, and succeeds or fails. */
    @Nullable
    Failure enter() {
        if (hook == null) {
            return Failure.MISSING;
        }
        if (generation.isCut()) {
            return Failure.DRAINED;
        }
        if (guard.abandoned() >= MOST_ABANDONED || tally.burden().full()) {
            return Failure.ABANDONED;
        }
        return guard.enter(terms.maxConcurrent());
    }

    void leave() {
        guard.leave();
    }

    void succeeded(long nanos) {
        guard.succeeded(nanos);
    }

    void failed(long nanos) {
        guard.failed(nanos);
    }

    /** What the operator should know of such a failure. */
    String detail(Failure kind) {
        return switch (kind) {
            case TIMEOUT -> "no answer within its budget of " + spec.timeoutMillis() + " ms; " + threads();
            case ABANDONED -> threads() + (tally.burden().full() ? "; those that spin end with the server alone" : "");
            case FULL -> "asked " + terms.maxConcurrent() + " times at once already";
            case BREAKER ->
                "failed too often; asked again after " + terms.breaker().pauseMillis() + " ms";
            case MISSING -> "its jar or its configuration is not there: posthouse plugin list says which";
            default -> "";
        };
    }

    private String threads() {
        return guard.abandoned() + " of at most " + MOST_ABANDONED + " threads of this generation and "
                + tally.burden().living() + " of at most " + Burden.MOST + " of the plugin are overdue and still run";
    }

    void abandon() {
        guard.abandoned(1);
        tally.abandoned(1);
    }

    void returned() {
        guard.abandoned(-1);
        tally.abandoned(-1);
    }
}
