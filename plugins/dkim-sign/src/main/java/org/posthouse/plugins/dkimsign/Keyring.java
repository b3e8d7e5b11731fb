// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Headers;
import org.posthouse.api.Sender;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.domain.DomainName;
import org.posthouse.mailauth.keys.KeptKey;
import org.posthouse.mailauth.keys.KeyFolder;
import org.posthouse.mailauth.message.Author;

/** Chooses the keys of a message: those of its author's domain, else those of the reverse-path. */
final class Keyring {
    private final KeyFolder folder;
    private final Rotation rotation;
    private final Optional<String> also;
    private final Clock clock;

    private Keyring(KeyFolder folder, Rotation rotation, Optional<String> also, Clock clock) {
        this.folder = folder;
        this.rotation = rotation;
        this.also = also;
        this.clock = clock;
    }

    static Keyring of(DkimSign.Config config, Clock clock) {
        return new Keyring(
                new KeyFolder(Path.of(config.keys()), config.keptDomains(), clock),
                Rotation.of(config),
                also(config.alsoSignAs()),
                clock);
    }

    private static Optional<String> also(String domain) {
        if (domain.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(DomainName.ascii(domain)
                .orElseThrow(() -> new IllegalArgumentException("alsoSignAs is one domain, not " + domain)));
    }

    KeyFolder folder() {
        return folder;
    }

    /**
     * The keys that sign a message.
     *
     * @param keys one for each algorithm and domain
     * @param why why there are none
     */
    record Choice(List<SigningKey> keys, String why) {}

    Choice choose(Headers headers, Sender sender) throws DamagedKeysException {
        Author author = Author.of(headers);
        if (!author.clear()) {
            // What other readers may take for the mail of somebody else is not vouched for.
            return new Choice(List.of(), Tallies.UNREADABLE);
        }
        List<SigningKey> keys =
                new ArrayList<>(author.domain().isPresent() ? of(author.domain().get()) : List.of());
        if (keys.isEmpty()) {
            Optional<String> path = DomainName.ascii(sender.domain());
            keys.addAll(path.isPresent() ? of(path.get()) : List.of());
        }
        if (also.isPresent() && keys.stream().noneMatch(key -> key.domain().equals(also.get()))) {
            keys.addAll(of(also.get()));
        }
        return new Choice(keys, keys.isEmpty() ? Tallies.NO_KEY : "");
    }

    /** The keys of a domain that sign now; none when it has no file. */
    List<SigningKey> of(String domain) throws DamagedKeysException {
        List<KeptKey> all;
        try {
            all = folder.of(domain);
        } catch (IOException e) {
            throw new DamagedKeysException("the keys can not be read: " + e);
        }
        if (!all.isEmpty() && all.stream().allMatch(kept -> kept.key().isEmpty())) {
            throw new DamagedKeysException(all.getFirst().file().path() + " signs nothing: "
                    + all.getFirst().damage());
        }
        return rotation.now(all, clock.instant());
    }
}
