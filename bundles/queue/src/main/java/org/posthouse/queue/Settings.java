// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;

/**
 * The key {@code queue}, converted.
 *
 * @param retry how long recipients rest after failed attempts
 * @param expire how long after its arrival a message is given up
 * @param maxConnections lanes in all
 * @param maxConnectionsPerSite lanes to one site
 * @param maxRecipientsPerTransaction recipients in one parcel
 * @param warnAfter after which time a sender is told of a delay; zero is never
 * @param maxMessages messages in memory
 * @param maxOctets octets of envelopes in memory, estimated
 * @param dispatch whether deliveries begin; when not, mail is taken and kept
 */
record Settings(
        RetrySchedule retry,
        Duration expire,
        int maxConnections,
        int maxConnectionsPerSite,
        int maxRecipientsPerTransaction,
        Duration warnAfter,
        int maxMessages,
        long maxOctets,
        boolean dispatch) {
    /** What is shipped. */
    static final Settings SHIPPED = new Settings(
            RetrySchedule.parse("1m,5m*2,15m,1h*6,4h"),
            Duration.ofDays(5),
            200,
            20,
            100,
            Duration.ZERO,
            10_000,
            32L << 20);

    /** Settings with which deliveries begin. */
    Settings(
            RetrySchedule retry,
            Duration expire,
            int maxConnections,
            int maxConnectionsPerSite,
            int maxRecipientsPerTransaction,
            Duration warnAfter,
            int maxMessages,
            long maxOctets) {
        this(
                retry,
                expire,
                maxConnections,
                maxConnectionsPerSite,
                maxRecipientsPerTransaction,
                warnAfter,
                maxMessages,
                maxOctets,
                true);
    }
}
