// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import org.posthouse.api.Transaction;
import org.posthouse.api.service.SharedState;

/**
 * Who was told to come again, and when first.
 *
 * <p>rspamd says {@code greylist} of every message with such a score, also of one that has waited; who defers it each time
 * defers it for ever.
 */
final class WaitingRoom {
    private static final Duration LIFE = Duration.ofDays(1);

    private final SharedState.Table<Long> since;
    private final Clock clock;
    private final long waitMillis;

    WaitingRoom(SharedState state, Clock clock, long waitMillis) {
        this.since = state.table("rspamd.waiting", Long.class);
        this.clock = clock;
        this.waitMillis = waitMillis;
    }

    /** Whether this network and sender were told to wait long enough ago; the first time their wait begins. */
    boolean waited(Transaction tx) {
        return clock.millis() - begin(tx) >= waitMillis;
    }

    /** When the wait of this network and sender began, which may be now. */
    long begin(Transaction tx) {
        long now = clock.millis();
        return since.update(key(tx), LIFE, before -> before == null ? now : before)
                .orElse(now);
    }

    private static String key(Transaction tx) {
        InetAddress address = tx.session().peer().address().getAddress();
        int octets = address instanceof Inet6Address ? 8 : 3;
        String network = HexFormat.of().formatHex(address.getAddress(), 0, octets);
        return network + " " + tx.sender().address().toString().toLowerCase(Locale.ROOT);
    }
}
