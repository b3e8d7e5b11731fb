// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.service;

import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Typed maps and counters with expiry: always durable on each node, with a cluster also shared.
 *
 * <p>May revert under a partition. Values are of the types of message notes ({@link org.posthouse.api.Note}). The name
 * of a map belongs to the plugin that uses it. A change is seen at once; it is on stable storage a moment later (a table
 * within {@code state.delay}; of counters and limits a loss of power may take back the last seconds). What can not be read
 * now is an {@link java.io.UncheckedIOException}, so that a hook fails rather than decides without knowing. Keys hold up to
 * 1024 octets of UTF-8, values up to 1 MiB.
 */
@ProviderType
public interface SharedState {
    /** The map of this name. */
    <V> Table<V> table(String name, Class<V> type);

    /** The counters of this name. */
    Counters counters(String name);

    /** A durable map with expiry. */
    @ProviderType
    interface Table<V> {
        /** The value, unless there is none or it is expired. */
        Optional<V> get(String key);

        /** Sets the value for this long. */
        void put(String key, V value, Duration life);

        /**
         * Changes the value atomically on this node; the function sees null for no value, and null removes it. It runs on
         * the caller's thread under no lock, and again when somebody else was quicker: its last call counts.
         */
        Optional<V> update(String key, Duration life, UnaryOperator<V> change);

        /** Removes the value. */
        void remove(String key);
    }

    /** Durable counters with expiry. */
    @ProviderType
    interface Counters {
        /** Adds and returns the sum; the counter starts at 0 and lives this long from its first addition. */
        long add(String key, long amount, Duration life);

        /** The sum, 0 when there is none. */
        long get(String key);
    }
}
