// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Events;
import org.posthouse.api.service.Jobs;
import org.posthouse.api.service.Limiter;
import org.posthouse.api.service.Outbox;
import org.posthouse.api.service.SharedState;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.FakeEvents;
import org.posthouse.testkit.service.FakeJobs;
import org.posthouse.testkit.service.FakeLimiter;
import org.posthouse.testkit.service.FakeOutbox;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

/** All services that a plugin may use, in a framework; they can be told to hang or to fail. */
final class Kitchen {
    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeDns dns = new FakeDns();
    private final FakeState state = new FakeState(clock);
    private final FakeLimiter limiter = new FakeLimiter(clock);
    private final FakeOutbox outbox = new FakeOutbox();
    private final FakeJobs jobs = new FakeJobs();

    Kitchen(BundleContext context) {
        offer(context, Dns.class, dns);
        offer(context, SharedState.class, state);
        offer(context, Limiter.class, limiter);
        offer(context, Outbox.class, outbox);
        offer(context, Jobs.class, jobs);
        offer(context, Events.class, new FakeEvents());
        offer(context, MeterRegistry.class, new SimpleMeterRegistry());
    }

    private static <S> void offer(BundleContext context, Class<S> type, S service) {
        context.registerService(type, service, FrameworkUtil.asDictionary(Map.of()));
    }

    void healthy() {
        dns.healed();
        state.failing(false);
        limiter.failing(false);
        outbox.failing(false);
    }

    /** No name is answered before the asking thread is interrupted, or for a minute. */
    void hanging() {
        dns.silent("*").limit(Duration.ofMinutes(1));
    }

    void failing() {
        dns.servfail("*");
        state.failing(true);
        limiter.failing(true);
        outbox.failing(true);
    }

    /** How often anything that can fail was used. */
    int uses() {
        return dns.questions().size() + state.uses() + limiter.uses();
    }

    /** Nothing was written into shared state and nothing was taken from limits. */
    void forget() {
        state.clear();
        limiter.clear();
    }

    FakeJobs jobs() {
        return jobs;
    }
}
