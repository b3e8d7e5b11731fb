// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.util.List;
import java.util.Optional;
import org.posthouse.api.Address;

/** Which reverse-path forwarded mail gets. */
final class ReversePaths {
    private final Srs srs;
    private final List<String> exempt;

    /**
     * Reverse-paths.
     *
     * @param srs how they are rewritten
     * @param exempt domains of senders that keep theirs; {@code *.domain} is all below it
     */
    ReversePaths(Srs srs, String... exempt) {
        this.srs = srs;
        this.exempt = List.of(exempt);
    }

    /** The reverse-path for mail of this sender that is forwarded; empty when it can have none. */
    Optional<Address> of(Address sender) {
        // RFC 5321 4.5.5: a notice keeps its null reverse-path wherever it goes, or notices about it would go round.
        return sender.domain().isEmpty() || isExempt(sender.domain()) ? Optional.of(sender) : srs.rewrite(sender);
    }

    private boolean isExempt(String domain) {
        return exempt.stream()
                .anyMatch(pattern ->
                        pattern.startsWith("*.") ? domain.endsWith(pattern.substring(1)) : domain.equals(pattern));
    }
}
