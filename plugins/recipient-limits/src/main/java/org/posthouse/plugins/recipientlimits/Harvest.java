// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.recipientlimits;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.service.Limiter;
import org.posthouse.api.service.SharedState;
import org.posthouse.outside.network.Network;

/** Clients that ask for too many unknown recipients over all their sessions, and are sent away for a while. */
final class Harvest {
    private static final Pattern RATE = Pattern.compile("(\\d{1,12})/([a-z]+)");
    private static final Map<Character, Duration> SPANS = Map.of(
            's', Duration.ofSeconds(1), 'm', Duration.ofMinutes(1), 'h', Duration.ofHours(1), 'd', Duration.ofDays(1));
    private static final int V6_BITS = 64;

    private final Optional<Limiter.Rate> rate;
    private final Limiter limiter;
    private final SharedState.Table<Boolean> away;
    private final Duration awayFor;

    /**
     * Made of the configuration.
     *
     * @param rate such as {@code 20/hour}, or empty for none
     * @param awayFor how long a client is sent away
     */
    Harvest(String rate, Duration awayFor, Limiter limiter, SharedState state) {
        this.rate = rate.isEmpty() ? Optional.empty() : Optional.of(parsed(rate));
        this.limiter = limiter;
        this.away = state.table("away", Boolean.class);
        this.awayFor = awayFor;
        if (this.rate.isPresent() && awayFor.isZero()) {
            throw new IllegalArgumentException("awayFor: must be longer than 0s where unknownPerClient is set");
        }
    }

    private static Limiter.Rate parsed(String text) {
        Matcher parts = RATE.matcher(text);
        Duration span = parts.matches() ? SPANS.get(parts.group(2).charAt(0)) : null;
        if (span == null) {
            throw new IllegalArgumentException("unknownPerClient: not a rate: " + text);
        }
        long events = Long.parseLong(parts.group(1));
        return new Limiter.Rate(events, span, events);
    }

    boolean off() {
        return rate.isEmpty();
    }

    /** A client asked for an unknown recipient; whether it is sent away by that, and was not before. */
    boolean add(String address) {
        String client = client(parsedAddress(address));
        if (rate.isEmpty() || limiter.take("unknown:" + client, rate.get(), 1).granted()) {
            return false;
        }
        boolean before = away.get(client).isPresent();
        away.put(client, true, awayFor);
        return !before;
    }

    /** Events have addresses as Java writes them, some with a zone, and never names. */
    private static InetAddress parsedAddress(String text) {
        return Network.literal(text.replaceFirst("%.*", ""));
    }

    boolean isAway(InetAddress address) {
        return rate.isPresent() && away.get(client(address)).isPresent();
    }

    private static String client(InetAddress address) {
        return Network.client(address, V6_BITS);
    }
}
