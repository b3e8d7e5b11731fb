// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.keys.KeptKey;

/**
 * Which of several keys of a domain signs, for each algorithm: the first of the preferred selectors; else the newest file that
 * is old enough for its record to be in DNS everywhere; else the oldest.
 */
final class Rotation {
    private static final Comparator<KeptKey> BY_AGE = Comparator.comparing(
                    (KeptKey kept) -> kept.file().modified())
            .thenComparing(kept -> kept.file().selector());

    private final List<Algorithm> algorithms;
    private final List<String> preferred;
    private final Duration takeOverAfter;

    Rotation(List<Algorithm> algorithms, List<String> preferred, Duration takeOverAfter) {
        this.algorithms = List.copyOf(algorithms);
        this.preferred = List.copyOf(preferred);
        this.takeOverAfter = takeOverAfter;
    }

    static Rotation of(DkimSign.Config config) {
        return new Rotation(
                Stream.of(config.algorithms()).map(Words::algorithm).distinct().toList(),
                List.of(config.selectors()),
                Duration.ofMillis(config.takeOverAfter()));
    }

    List<SigningKey> now(List<KeptKey> all, Instant now) {
        List<SigningKey> chosen = new ArrayList<>();
        for (Algorithm algorithm : algorithms) {
            List<KeptKey> usable = all.stream()
                    .filter(kept -> kept.key()
                            .filter(key -> key.algorithm() == algorithm)
                            .isPresent())
                    .sorted(BY_AGE)
                    .toList();
            one(usable, now).flatMap(KeptKey::key).ifPresent(chosen::add);
        }
        return chosen;
    }

    /** One of these, which are sorted from the oldest to the newest. */
    private Optional<KeptKey> one(List<KeptKey> usable, Instant now) {
        for (String selector : preferred) {
            Optional<KeptKey> found = usable.stream()
                    .filter(kept -> kept.file().selector().equals(selector))
                    .findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        Instant youngest = now.minus(takeOverAfter);
        return usable.stream()
                .filter(kept -> !kept.file().modified().isAfter(youngest))
                .reduce((older, newer) -> newer)
                .or(() -> usable.stream().findFirst());
    }
}
