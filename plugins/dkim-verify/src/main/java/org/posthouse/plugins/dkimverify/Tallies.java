// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimverify;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.posthouse.mailauth.dkim.Check;
import org.posthouse.mailauth.dkim.Result;

/** Counts checked signatures by their result, and messages without one. */
final class Tallies {
    private final Map<Result, Counter> results = new EnumMap<>(Result.class);
    private final Counter none;

    Tallies(MeterRegistry meters) {
        for (Result result : Result.values()) {
            results.put(result, counter(meters, result.word()));
        }
        none = counter(meters, "none");
    }

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("posthouse.dkim.checked")
                .description("DKIM signatures checked, and messages without one")
                .tag("result", result)
                .register(meters);
    }

    void count(List<Check> checks) {
        if (checks.isEmpty()) {
            none.increment();
        }
        for (Check check : checks) {
            Counter counter = results.get(check.result());
            if (counter != null) {
                counter.increment();
            }
        }
    }
}
