// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One thing that happened, as it stands in the event log: a type, a time and named facts.
 *
 * @param type what happened
 * @param at when
 * @param facts the facts by their documented names, in order; values are {@code String}, {@code Long} or {@code Boolean}
 */
public record Event(Type type, Instant at, Map<String, Object> facts) {
    /** The kinds of events. */
    public enum Type {
        /** A message was accepted: 250 was sent. */
        RECEPTION,
        /** A command or message was refused by a reply of 4yz or 5yz. */
        REJECTION,
        /** A recipient was handed over. */
        DELIVERY,
        /** An attempt failed for now. */
        TRANSIENT_FAILURE,
        /** A recipient failed for good. */
        BOUNCE,
        /** A recipient was given up because it was too old. */
        EXPIRATION,
        /** An operator or hook held, released, retried or deleted. */
        ADMIN,
        /** A hook failed, was overdue or is missing. */
        HOOK_FAILURE,
        /** A plugin was swapped, disabled, enabled or removed. */
        PLUGIN,
        /** The spool set something aside, fell sick or healed. */
        SPOOL,
        /** The configuration was applied or refused. */
        CONFIG,
        /** A connection ended in an unusual way. */
        CONNECTION,
        /** A client authenticated, or tried to. */
        AUTHENTICATION,
        /** What a hook in shadow mode would have changed. */
        SHADOW
    }

    public Event {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(at, "at");
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** Starts an event of this type that happens now. */
    public static Builder of(Type type) {
        return new Builder(type);
    }

    /** Collects the facts of an event; empty texts are left out. */
    public static final class Builder {
        private final Type type;
        private final Map<String, Object> facts = new LinkedHashMap<>();

        private Builder(Type type) {
            this.type = type;
        }

        /** Adds a text unless it is empty. */
        public Builder with(String name, String value) {
            if (!value.isEmpty()) {
                facts.put(name, value);
            }
            return this;
        }

        /** Adds a number. */
        public Builder with(String name, long value) {
            facts.put(name, value);
            return this;
        }

        /** Adds code, enhanced code and text of a reply. */
        public Builder with(Reply reply) {
            return with("code", reply.code()).with("enhanced", reply.enhanced()).with("reply", reply.text());
        }

        /** The event, happening now. */
        public Event build() {
            return new Event(type, Instant.now(), facts);
        }
    }
}
