// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.Locale;
import java.util.Optional;

/** What the owner of a domain wants done with mail that fails (RFC 9989 4.7, the tag {@code p}), from mild to strict. */
enum Policy {
    NONE,
    QUARANTINE,
    REJECT;

    /** The policy of this name, in any case: strings of ABNF have none (RFC 5234 2.3). */
    static Optional<Policy> of(String text) {
        for (Policy policy : values()) {
            if (policy.word().equalsIgnoreCase(text)) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }

    /** The word in records and reports. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** One level below (RFC 9989 4.7, the tag {@code t}; RFC 7489 6.6.4). */
    Policy milder() {
        return this == REJECT ? QUARANTINE : NONE;
    }
}
