// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.service.Limiter;

/** Bounds how many new triplets of one client are remembered, so that nobody can fill the memory alone. */
final class Crowd {
    private static final Pattern RATE = Pattern.compile("(\\d{1,12})/([a-z]+)");
    private static final Map<Character, Duration> SPANS = Map.of(
            's', Duration.ofSeconds(1), 'm', Duration.ofMinutes(1), 'h', Duration.ofHours(1), 'd', Duration.ofDays(1));

    private final Limiter limiter;
    private final Optional<Limiter.Rate> rate;

    /** @param rate such as {@code 1000/hour}; empty is no bound */
    Crowd(Limiter limiter, String rate) {
        this.limiter = limiter;
        this.rate = rate.isEmpty() ? Optional.empty() : Optional.of(parsed(rate));
    }

    private static Limiter.Rate parsed(String text) {
        Matcher parts = RATE.matcher(text);
        Duration span = parts.matches() ? SPANS.get(parts.group(2).charAt(0)) : null;
        if (span == null) {
            throw new IllegalArgumentException("newPerClient: not a rate: " + text);
        }
        long events = Long.parseLong(parts.group(1));
        return new Limiter.Rate(events, span, events);
    }

    boolean isTooLarge(String client) {
        return rate.isPresent() && !limiter.take("new:" + client, rate.get(), 1).granted();
    }
}
