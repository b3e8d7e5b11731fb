// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.posthouse.api.Address;

/** Domains that stand for all hosts below them: {@code anna@host.example.org} becomes {@code anna@example.org}. */
final class Masquerade {
    private final List<String> domains;
    private final Set<String> exceptUsers;

    /** Hides what is below these domains, of the first that fits, but for these local parts. */
    Masquerade(String[] domains, String[] exceptUsers) {
        this.domains = List.of(domains);
        this.exceptUsers = Stream.of(exceptUsers)
                .map(user -> user.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        if (this.domains.stream().anyMatch(domain -> domain.contains("*"))) {
            throw new IllegalArgumentException("masquerade: domains without *; all below each is meant");
        }
    }

    boolean none() {
        return domains.isEmpty();
    }

    Address of(Address address) {
        if (exceptUsers.contains(address.local().toLowerCase(Locale.ROOT))) {
            return address;
        }
        return domains.stream()
                .filter(domain ->
                        address.domain().equals(domain) || address.domain().endsWith("." + domain))
                .findFirst()
                .map(domain -> new Address(address.local(), domain))
                .orElse(address);
    }
}
