// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    private final AtomicInteger abandoned;
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
     * @param abandoned the overdue threads of this hook and generation
     */
    public Place(
            HookSpec spec,
            Generation generation,
            @Nullable Object hook,
            Terms terms,
            Tally tally,
            AtomicInteger abandoned) {
        this.spec = spec;
        this.generation = generation;
        this.hook = hook;
        this.terms = terms;
        this.tally = tally;
        this.counts = generation.counts(spec);
        this.abandoned = abandoned;
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
        return abandoned.get();
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

    boolean appliesTo(String listener) {
        return terms.listeners().isEmpty() || terms.listeners().contains(listener);
    }

    /** Whether this generation judges the session that is asked about. */
    boolean judges(Question question) {
        return terms.whole() || judges(question.bucket());
    }

    /** Whether this generation judges the sessions of this bucket. */
    boolean judges(int bucket) {
        return terms.from() <= bucket && bucket < terms.to();
    }

    void called(long nanos) {
        tally.called(nanos);
        counts.called(nanos);
    }

    void failed() {
        tally.failed();
        counts.failed();
    }

    void notAsked() {
        counts.barred();
    }

    boolean has(Need need) {
        return needs.contains(need);
    }

    /** Why the hook can not be asked at all, or null. */
    @Nullable
    Failure barred() {
        if (hook == null) {
            return Failure.MISSING;
        }
        if (generation.isCut()) {
            return Failure.DRAINED;
        }
        return abandoned.get() >= MOST_ABANDONED ? Failure.ABANDONED : null;
    }

    void abandon() {
        abandoned.incrementAndGet();
        tally.abandoned(1);
    }

    void returned() {
        abandoned.decrementAndGet();
        tally.abandoned(-1);
    }
}
