// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.text.Readings;

/** The keys that the signatures of one message name: each is asked for once, and all of them within one span of time. */
public final class Keys {
    /** What the records of keys say, for all messages: to make a key of its octets costs as much as to check a signature. */
    private static final Readings<Found> RECORDS = new Readings<>(4L << 20, Found::in);

    private final Dns dns;
    private final Clock clock;
    private final Instant deadline;
    private final Map<String, Found> known = new HashMap<>();

    /** A key, or why there is none. */
    private record Found(Optional<KeyRecord> key, Result result, String reason) {
        static Found in(String text) {
            try {
                return new Found(Optional.of(KeyRecord.parse(text)), Result.PASS, "");
            } catch (UnusableException e) {
                return new Found(Optional.empty(), e.result(), e.reason());
            }
        }

        KeyRecord orThrow() throws UnusableException {
            return key.orElseThrow(() -> new UnusableException(result, reason));
        }
    }

    /**
     * Keys of one message.
     *
     * @param patience after this no further question is begun
     */
    public Keys(Dns dns, Clock clock, Duration patience) {
        this.dns = dns;
        this.clock = clock;
        this.deadline = clock.instant().plus(patience);
    }

    /**
     * The key of a selector and a domain, both as A-labels.
     *
     * @throws UnusableException when there is none, or it can not be told now
     */
    public KeyRecord find(String selector, String domain) throws UnusableException {
        String name = selector + "._domainkey." + domain;
        Found found = known.get(name);
        if (found == null) {
            found = ask(name);
            known.put(name, found);
        }
        return found.orThrow();
    }

    private Found ask(String name) {
        if (clock.instant().isAfter(deadline) || Thread.currentThread().isInterrupted()) {
            return new Found(Optional.empty(), Result.TEMPERROR, "no time left to ask for the key");
        }
        Dns.Answer<String> answer = dns.txt(name);
        return switch (answer.status()) {
            case FOUND -> read(answer.records());
            case NO_DATA, NO_NAME -> new Found(Optional.empty(), Result.PERMERROR, "no key for signature");
            case TEMPORARY -> new Found(Optional.empty(), Result.TEMPERROR, "the key can not be fetched now");
        };
    }

    /** RFC 6376 3.6.2.2: what several records mean is undefined; so it is told, and does not depend on their order. */
    private static Found read(List<String> texts) {
        List<Found> keys = new ArrayList<>();
        Found last = new Found(Optional.empty(), Result.PERMERROR, "no key for signature");
        for (String text : texts) {
            Found found = RECORDS.of(text);
            if (found.key().isPresent()) {
                keys.add(found);
            } else {
                last = found;
            }
        }
        if (keys.size() > 1) {
            return new Found(Optional.empty(), Result.PERMERROR, "there is more than one key");
        }
        return keys.isEmpty() ? last : keys.getFirst();
    }
}
