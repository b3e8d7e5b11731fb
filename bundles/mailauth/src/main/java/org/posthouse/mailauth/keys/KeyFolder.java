// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The private keys of domains, in a folder with a file {@code {domain}.{selector}.pem} for each.
 *
 * <p>Keys are read when a domain is first asked for, by one thread however many wait, and again when their file changed. So
 * many domains as were asked for last are kept. A file that holds no key is read again only when it changed, too.
 */
public final class KeyFolder {
    private final Path folder;
    private final Clock clock;
    private final KeyIndex index;
    private final Map<String, DomainKeys> kept;

    /**
     * Keys of a folder, which need not be there yet.
     *
     * @param domains how many domains are kept
     */
    public KeyFolder(Path folder, int domains, Clock clock) {
        this.folder = folder;
        this.clock = clock;
        this.index = new KeyIndex(folder, clock);
        this.kept = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, DomainKeys> eldest) {
                return size() > domains;
            }
        };
    }

    /** The folder. */
    public Path path() {
        return folder;
    }

    /** The domains that have files, sorted. */
    public List<String> domains() throws IOException {
        return index.domains();
    }

    /**
     * The keys of a domain as they are now, by selector; none when it has no file.
     *
     * @param domain as A-labels in lower case
     * @throws IOException when the folder can not be read, or is gone since it was
     */
    public List<KeptKey> of(String domain) throws IOException {
        List<String> selectors = index.of(domain);
        return selectors.isEmpty() ? List.of() : keys(domain).fresh(clock.instant(), files(domain, selectors));
    }

    private DomainKeys keys(String domain) {
        synchronized (kept) {
            return kept.computeIfAbsent(domain, d -> new DomainKeys());
        }
    }

    private DomainKeys.Files files(String domain, List<String> selectors) {
        return () -> {
            List<KeyFile> files = new ArrayList<>();
            for (String selector : selectors) {
                try {
                    files.add(KeyFile.of(folder, domain, selector));
                } catch (NoSuchFileException e) {
                    continue; // It went since the folder was listed.
                }
            }
            return files;
        };
    }
}
