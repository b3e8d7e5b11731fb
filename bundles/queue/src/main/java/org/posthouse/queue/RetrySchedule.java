// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a recipient rests after each failed attempt, written as {@code 1m,5m*2,15m,1h*6,4h}; the last pause repeats.
 */
final class RetrySchedule {
    private static final Pattern STEP = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)(?:\\*(\\d{1,3}))?");
    /** A tenth more or less, so that what failed together does not come back together. */
    private static final double JITTER = 0.1;

    private final List<Duration> pauses;

    private RetrySchedule(List<Duration> pauses) {
        this.pauses = List.copyOf(pauses);
    }

    /**
     * Reads a schedule.
     *
     * @throws IllegalArgumentException when it is none
     */
    static RetrySchedule parse(String text) {
        List<Duration> pauses = new ArrayList<>();
        for (String step : text.split(",", -1)) {
            Matcher matcher = STEP.matcher(step.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("Not a step of a retry schedule: '" + step + "' in " + text);
            }
            Duration pause = span(Long.parseLong(matcher.group(1)), matcher.group(2));
            int times = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
            if (pause.isZero() || times == 0) {
                throw new IllegalArgumentException("A step of a retry schedule must not be 0: " + text);
            }
            for (int i = 0; i < times; i++) {
                pauses.add(pause);
            }
        }
        return new RetrySchedule(pauses);
    }

    private static Duration span(long count, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    /** The pause after so many failed attempts, without jitter. */
    Duration after(int attempts) {
        return pauses.get(Math.clamp(attempts - 1L, 0, pauses.size() - 1));
    }

    /**
     * The pause with jitter.
     *
     * @param random 0 (inclusive) to 1 (exclusive)
     */
    Duration after(int attempts, double random) {
        double factor = 1 + JITTER * (2 * random - 1);
        return Duration.ofMillis(Math.round(after(attempts).toMillis() * factor));
    }

    /** The longest pause, with jitter. */
    Duration longest() {
        Duration most = pauses.stream().max(Duration::compareTo).orElseThrow();
        return Duration.ofMillis(Math.round(most.toMillis() * (1 + JITTER)));
    }
}
