// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys of one domain; looked at once a second at most, by one thread at a time. */
final class DomainKeys {
    private static final Logger LOG = LoggerFactory.getLogger(KeyFolder.class);

    private final Pause pause = new Pause();
    private List<KeptKey> keys = List.of();

    /** Tells which files there are now. */
    @FunctionalInterface
    interface Files {
        List<KeyFile> now() throws IOException;
    }

    synchronized List<KeptKey> fresh(Instant now, Files files) throws IOException {
        if (pause.isOver(now)) {
            List<KeptKey> read = new ArrayList<>();
            for (KeyFile file : files.now()) {
                read.add(key(file));
            }
            keys = List.copyOf(read);
            pause.begin(now);
        }
        return keys;
    }

    private KeptKey key(KeyFile file) throws IOException {
        Optional<KeptKey> before =
                keys.stream().filter(kept -> kept.file().equals(file)).findFirst();
        if (before.filter(KeptKey::lasting).isPresent()) {
            return before.get();
        }
        KeptKey read = KeptKey.read(file);
        if (before.isEmpty() || !before.get().damage().equals(read.damage())) {
            say(read);
        }
        return read;
    }

    private static void say(KeptKey read) throws IOException {
        if (read.key().isEmpty()) {
            LOG.warn("{} signs nothing: {}", read.file().path(), read.damage());
            return;
        }
        Optional<String> others = read.file().openTo();
        if (others.isPresent()) {
            LOG.warn("{} can be read by {}: chmod 600 it", read.file().path(), others.get());
        }
    }
}
