// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.Optional;

/** Discovery by the public suffix list (RFC 7489 3.2, 6.6.3). */
final class SuffixDiscovery implements Discovery {
    private final Suffixes suffixes;

    SuffixDiscovery(Suffixes suffixes) {
        this.suffixes = suffixes;
    }

    @Override
    public String method() {
        return "psl";
    }

    @Override
    public Applicable policy(String author, Lookups lookups) {
        Lookups.Found own = lookups.record(author);
        String organisation = organisation(author);
        if (!(own instanceof Lookups.Found.None) || organisation.equals(author)) {
            return Applicable.of(author, own);
        }
        return Applicable.of(organisation, lookups.record(organisation));
    }

    @Override
    public Optional<String> organisation(String domain, Lookups lookups) {
        return Optional.of(organisation(domain));
    }

    private String organisation(String domain) {
        return suffixes.registrable(domain).orElse(domain);
    }
}
