// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.service.Limiter;
import org.posthouse.outside.network.Network;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds how many new triplets of one client are remembered, and of one network however many clients it has, so that nobody
 * can fill the memory alone.
 */
final class Crowd {
    private static final Logger LOG = LoggerFactory.getLogger(Crowd.class);
    private static final Pattern RATE = Pattern.compile("(\\d{1,12})/([a-z]+)");
    private static final Map<Character, Duration> SPANS = Map.of(
            's', Duration.ofSeconds(1), 'm', Duration.ofMinutes(1), 'h', Duration.ofHours(1), 'd', Duration.ofDays(1));
    private static final long BETWEEN_LINES = Duration.ofMinutes(1).toMillis();

    private final Limiter limiter;
    private final Optional<Limiter.Rate> ofClient;
    private final Optional<Limiter.Rate> ofNetwork;
    private final Clock clock;
    private final AtomicLong nextLine = new AtomicLong(Long.MIN_VALUE);

    Crowd(Limiter limiter, Greylisting.Config config, Clock clock) {
        this.limiter = limiter;
        this.ofClient = rate("newPerClient", config.newPerClient());
        this.ofNetwork = rate("newPerNetwork", config.newPerNetwork());
        this.clock = clock;
    }

    /** Such as {@code 1000/hour}; empty is no bound. */
    private static Optional<Limiter.Rate> rate(String key, String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Matcher parts = RATE.matcher(text);
        Duration span = parts.matches() ? SPANS.get(parts.group(2).charAt(0)) : null;
        if (span == null) {
            throw new IllegalArgumentException(key + ": not a rate: " + text);
        }
        long events = Long.parseLong(parts.group(1));
        return Optional.of(new Limiter.Rate(events, span, events));
    }

    /** Why no more of this client is remembered now; empty when there is room. */
    Optional<Outcome> excess(String client, Network around) {
        if (isOver("new:" + client, ofClient)) {
            return Optional.of(Outcome.CROWDED);
        }
        if (isOver("net:" + around, ofNetwork)) {
            tell(around);
            return Optional.of(Outcome.FLOODED);
        }
        return Optional.empty();
    }

    private boolean isOver(String key, Optional<Limiter.Rate> rate) {
        return rate.isPresent() && !limiter.take(key, rate.get(), 1).granted();
    }

    private void tell(Network around) {
        long now = clock.millis();
        long due = nextLine.get();
        if (now >= due && nextLine.compareAndSet(due, now + BETWEEN_LINES)) {
            LOG.warn("Too many new triplets of {}: further ones are deferred and not remembered", around);
        }
    }
}
