// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import org.posthouse.api.Address;

/**
 * Who a client says it is (RFC 7208 2.3, 2.4).
 *
 * @param property {@code mailfrom} or {@code helo}, as in Authentication-Results (RFC 8601 2.7.2)
 * @param local the part before the {@code @}
 * @param domain the domain that is asked, with A-labels
 */
record Identity(String property, String local, String domain) {
    static final String MAILFROM = "mailfrom";
    static final String HELO = "helo";
    private static final String POSTMASTER = "postmaster";

    /** The reverse-path; of a null one, the postmaster of what HELO said. */
    static Identity of(Address sender, String helo) {
        return sender.isNull()
                ? helo(helo)
                : new Identity(
                        MAILFROM,
                        sender.local().isEmpty() ? POSTMASTER : sender.local(),
                        Domains.ascii(sender.domain()));
    }

    static Identity helo(String helo) {
        return new Identity(HELO, POSTMASTER, helo);
    }

    boolean international() {
        return local.chars().anyMatch(c -> c > 127);
    }

    @Override
    public String toString() {
        return local + "@" + domain;
    }
}
