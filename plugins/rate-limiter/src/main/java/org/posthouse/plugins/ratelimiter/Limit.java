// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.ratelimiter;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.service.Limiter;

/** One limit of the configuration, if it is set. */
final class Limit {
    private static final Pattern RATE = Pattern.compile("(\\d{1,12})/([a-z]+)");
    private static final Map<Character, Duration> SPANS = Map.of(
            's', Duration.ofSeconds(1), 'm', Duration.ofMinutes(1), 'h', Duration.ofHours(1), 'd', Duration.ofDays(1));

    private final String name;
    private final Optional<Limiter.Rate> rate;
    private final Limiter limiter;
    private final Counter hits;

    /**
     * A limit.
     *
     * @param name in metrics, and in the keys of the limiter
     * @param rate such as {@code 100/hour}, or empty for none
     * @param burst how many at once, 0 for as many as the rate allows in its span
     */
    Limit(String name, String rate, long burst, Limiter limiter, MeterRegistry meters) {
        this.name = name;
        this.rate = rate.isEmpty() ? Optional.empty() : Optional.of(parse(rate, burst));
        this.limiter = limiter;
        this.hits = Counter.builder("posthouse.rate.limited")
                .description("Times that a limit of rate-limiter was reached")
                .tag("limit", name)
                .register(meters);
    }

    private static Limiter.Rate parse(String text, long burst) {
        Matcher parts = RATE.matcher(text);
        Duration span = parts.matches() ? SPANS.get(parts.group(2).charAt(0)) : null;
        if (span == null) {
            throw new IllegalArgumentException("Not a rate: " + text);
        }
        long events = Long.parseLong(parts.group(1));
        return new Limiter.Rate(events, span, burst > 0 ? burst : events);
    }

    /** The symbol of its score. */
    String symbol() {
        return "RATE_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** Takes one for this subject; what it must wait when there is none left, zero when it may go on. */
    Duration take(String subject) {
        if (rate.isEmpty() || subject.isEmpty()) {
            return Duration.ZERO;
        }
        Limiter.Grant grant = limiter.take(name + ":" + subject, rate.get(), 1);
        if (grant.granted()) {
            return Duration.ZERO;
        }
        hits.increment();
        // Never zero: that would mean it was granted.
        return grant.retryAfter().plusNanos(1);
    }

    @Override
    public String toString() {
        return name;
    }
}
