// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.concurrent.atomic.LongAdder;

/** The counts of one hook at one stage in one generation: what a new version is judged by. */
public final class Counts {
    private final LongAdder calls = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder barred = new LongAdder();

    void called(long duration) {
        calls.increment();
        nanos.add(duration);
    }

    void failed() {
        failures.increment();
    }

    void barred() {
        barred.increment();
    }

    /** The counts as they are now. */
    public Sum sum() {
        return new Sum(calls.sum(), barred.sum(), failures.sum(), nanos.sum());
    }

    /**
     * Counts at one moment.
     *
     * @param calls how often the hook was asked
     * @param barred how often it was not asked because it could not be, which is a failure too
     * @param failures how often it failed
     * @param nanos how long its answers took in sum
     */
    public record Sum(long calls, long barred, long failures, long nanos) {
        /** Nothing was counted. */
        public static final Sum NONE = new Sum(0, 0, 0, 0);

        /** Both together. */
        public Sum plus(Sum other) {
            return new Sum(calls + other.calls, barred + other.barred, failures + other.failures, nanos + other.nanos);
        }

        /** What was counted since an earlier moment. */
        public Sum minus(Sum earlier) {
            return new Sum(
                    calls - earlier.calls, barred - earlier.barred, failures - earlier.failures, nanos - earlier.nanos);
        }

        /** How many questions had an answer or a failure verdict. */
        public long answers() {
            return calls + barred;
        }

        /** The mean time of an answer; 0 without any. */
        public double meanMicros() {
            return calls == 0 ? 0 : nanos / 1000.0 / calls;
        }
    }
}
