// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Counts the results, by the identity that was checked. */
final class Counts {
    private final Map<Result, Counter> mailfrom;
    private final Map<Result, Counter> helo;

    Counts(MeterRegistry meters) {
        mailfrom = counters(Identity.MAILFROM, meters);
        helo = counters(Identity.HELO, meters);
    }

    private static Map<Result, Counter> counters(String identity, MeterRegistry meters) {
        Map<Result, Counter> counters = new EnumMap<>(Result.class);
        for (Result result : Result.values()) {
            counters.put(
                    result,
                    Counter.builder("posthouse.spf.results")
                            .description("Results of SPF by the identity that was checked")
                            .tag("identity", identity)
                            .tag("result", result.word())
                            .register(meters));
        }
        return counters;
    }

    void count(Identity identity, Result result) {
        Map<Result, Counter> counters = identity.property().equals(Identity.HELO) ? helo : mailfrom;
        Optional.ofNullable(counters.get(result)).ifPresent(Counter::increment);
    }
}
