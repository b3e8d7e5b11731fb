// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.mailauth.domain.DomainName;

/**
 * Who makes the reports.
 *
 * @param organisation the name for people
 * @param from the author and reverse-path of the mail that carries them
 * @param contact whom to ask about them
 */
record Origin(String organisation, Address from, String contact) {
    /** What the operator configured; empty when there is no address to send from. */
    static Optional<Origin> of(String organisation, String from, String contact) {
        Address address = Address.of(from.strip());
        boolean plain = address.local().matches("[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}");
        return DomainName.ascii(address.domain())
                .filter(domain -> plain)
                .map(domain -> new Origin(
                        organisation.isEmpty() ? domain : organisation,
                        new Address(address.local(), domain),
                        contact.isEmpty() ? address.local() + "@" + domain : contact));
    }

    /** The domain that stands for the reporter in names and subjects. */
    String domain() {
        return from.domain();
    }
}
