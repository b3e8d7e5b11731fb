// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;

/**
 * How a stranger's message came in, for the time when it is sealed.
 *
 * @param chain its chain
 * @param domains the domains of its recipients
 */
record Arrived(ChainResult chain, Set<String> domains) {
    static final Note<Arrived> NOTE = new Note<>("arc.arrived", Arrived.class, Note.Scope.TRANSACTION);

    Arrived {
        domains = Set.copyOf(domains);
    }

    static Arrived with(ChainResult chain, List<Recipient> recipients) {
        return new Arrived(chain, recipients.stream().map(Recipient::domain).collect(Collectors.toSet()));
    }

    /** Whether some of these recipients are of a domain that the message was not sent to: it is forwarded. */
    boolean isForwarded(Collection<Recipient> recipients) {
        return recipients.stream().anyMatch(recipient -> !domains.contains(recipient.domain()));
    }
}
