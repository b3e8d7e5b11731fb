// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Address;

/** Mappings of the configuration, and those of a file behind them. */
final class AddressMap {
    private final Mappings configured;
    private final Optional<MappingFile> file;

    /**
     * Reads both.
     *
     * @param key the key of the list, for findings
     * @param texts the list
     * @param file the path of the file, or empty for none
     */
    AddressMap(String key, String[] texts, String file, Clock clock) {
        this.configured = Mappings.parse(List.of(texts), i -> key + ", entry " + (i + 1));
        this.file = file.isEmpty() ? Optional.empty() : Optional.of(new MappingFile(Path.of(file), clock));
    }

    boolean none() {
        return configured.none() && file.isEmpty();
    }

    /** What the address becomes; itself when no mapping is for it. */
    Address of(Address address) {
        return configured
                .of(address)
                .or(() -> file.flatMap(lines -> lines.now().of(address)))
                .orElse(address);
    }
}
