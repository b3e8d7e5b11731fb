// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.Locale;
import java.util.Objects;

/**
 * A mailbox (RFC 5321 4.1.2), or the null reverse-path when both parts are empty.
 *
 * @param local the local part as it was sent, quotes included, case kept
 * @param domain the domain in lower case, an address literal with its brackets, or empty for a bare local part
 */
public record Address(String local, String domain) {
    /** The null reverse-path {@code <>}. */
    public static final Address NULL = new Address("", "");

    public Address {
        Objects.requireNonNull(local, "local");
        domain = Objects.requireNonNull(domain, "domain").toLowerCase(Locale.ROOT);
    }

    /** Splits {@code local@domain} at the last {@code @}; the syntax is not checked. */
    public static Address of(String mailbox) {
        int at = mailbox.lastIndexOf('@');
        return at < 0 ? new Address(mailbox, "") : new Address(mailbox.substring(0, at), mailbox.substring(at + 1));
    }

    /** Whether this is the null reverse-path. */
    public boolean isNull() {
        return local.isEmpty() && domain.isEmpty();
    }

    /** Whether the address can only travel with SMTPUTF8 (RFC 6531). */
    public boolean international() {
        return (local + domain).chars().anyMatch(c -> c > 127);
    }

    /** The address without angle brackets; empty for the null reverse-path. */
    @Override
    public String toString() {
        return domain.isEmpty() ? local : local + "@" + domain;
    }
}
