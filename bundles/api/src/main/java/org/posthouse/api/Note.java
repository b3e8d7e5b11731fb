// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.Objects;

/**
 * The typed name of a value that hooks leave for later hooks.
 *
 * <p>Session and transaction notes may hold anything; a value of a plugin's own class is visible to its own generation
 * alone, and an {@link AutoCloseable} is closed by the core at the end of its scope. Message notes travel with the
 * envelope, on disk and to other nodes, and hold {@code String}, {@code Long}, {@code Double}, {@code Boolean},
 * {@code byte[]} or a {@code List} of these only.
 *
 * @param name unique within its scope, by convention {@code plugin.word}
 * @param type the type of the value
 * @param scope how long the value lives
 * @param <T> the type of the value
 */
public record Note<T>(String name, Class<T> type, Scope scope) {
    /** How long a note lives. */
    public enum Scope {
        SESSION,
        TRANSACTION,
        MESSAGE
    }

    public Note {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(scope, "scope");
    }
}
