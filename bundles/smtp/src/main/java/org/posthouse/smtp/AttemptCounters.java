// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.api.service.SharedState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counts of failed authentications, one for all listeners: durable and shared where there is {@link SharedState}, and in
 * memory beside it, so that no trouble of the store gives anybody more tries on this node.
 */
@Component(service = AttemptCounters.class)
public final class AttemptCounters implements SharedState.Counters {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptCounters.class);
    private static final int MOST = 100_000;

    private final MemoryCounters own = new MemoryCounters(MOST, System::nanoTime);
    private final Attempts attempts = new Attempts(this);
    private final AtomicBoolean troubled = new AtomicBoolean();

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable SharedState shared;

    /** Made by the component runtime. */
    @Activate
    public AttemptCounters() {
        // Nothing is opened before somebody fails.
    }

    AttemptCounters(SharedState shared) {
        this.shared = shared;
    }

    Attempts attempts() {
        return attempts;
    }

    @Override
    public long add(String key, long amount, Duration life) {
        return Math.max(own.add(key, amount, life), elsewhere(c -> c.add(key, amount, life)));
    }

    @Override
    public long get(String key) {
        return Math.max(own.get(key), elsewhere(c -> c.get(key)));
    }

    private long elsewhere(ToLongFunction<SharedState.Counters> question) {
        SharedState there = shared;
        if (there == null) {
            return 0;
        }
        try {
            long count = question.applyAsLong(there.counters("smtp-auth"));
            troubled.set(false);
            return count;
        } catch (RuntimeException e) {
            if (!troubled.getAndSet(true)) {
                LOG.warn("Failed authentications are counted on this node alone: the shared state fails", e);
            }
            return 0;
        }
    }
}
