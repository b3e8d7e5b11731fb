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
 * of a map belongs to the plugin that uses it.
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

        /** Changes the value atomically on this node; the function sees null for no value, and null removes it. */
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
