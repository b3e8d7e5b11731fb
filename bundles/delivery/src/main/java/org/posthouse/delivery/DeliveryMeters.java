// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What is counted of deliveries. */
final class DeliveryMeters {
    /** What an attempt came to for one recipient. */
    enum Result {
        DELIVERED,
        DEFERRED,
        FAILED,
        EXPIRED,
        HELD
    }

    private final Map<Result, Counter> results = new EnumMap<>(Result.class);
    private final Timer attempts;
    private final Counter opened;
    private final Counter reused;

    DeliveryMeters(MeterRegistry registry) {
        for (Result result : Result.values()) {
            String name = result.name().toLowerCase(Locale.ROOT);
            results.put(
                    result,
                    Counter.builder("posthouse.deliveries")
                            .description("Recipients by what an attempt came to")
                            .tag("result", name)
                            .register(registry));
        }
        this.attempts = Timer.builder("posthouse.delivery.attempt")
                .description("How long attempts take, from the parcel to its outcome")
                .register(registry);
        this.opened = connections(registry, "opened");
        this.reused = connections(registry, "reused");
    }

    private static Counter connections(MeterRegistry registry, String use) {
        return Counter.builder("posthouse.delivery.connections")
                .description("Connections to next hops, opened and used again")
                .tag("use", use)
                .register(registry);
    }

    void result(Result result) {
        Counter counter = results.get(result);
        if (counter != null) {
            counter.increment();
        }
    }

    void attempt(long nanos) {
        attempts.record(nanos, TimeUnit.NANOSECONDS);
    }

    void opened() {
        opened.increment();
    }

    void reused() {
        reused.increment();
    }
}
