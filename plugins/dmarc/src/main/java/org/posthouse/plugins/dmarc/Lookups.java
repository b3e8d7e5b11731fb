// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

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

/** What DNS says while one message is judged: each name is asked about once, and none when the time is over. */
final class Lookups {
    /** What records of policies say, for all messages. */
    private static final Readings<Optional<PolicyRecord>> READINGS = new Readings<>(4L << 20, PolicyRecord::parse);

    private final Dns dns;
    private final Clock clock;
    private final Instant end;
    private final Map<String, Found> records = new HashMap<>();

    Lookups(Dns dns, Clock clock, Duration time) {
        this.dns = dns;
        this.clock = clock;
        this.end = clock.instant().plus(time);
    }

    /** What stands at {@code _dmarc} of a domain. */
    sealed interface Found {
        /** One record. */
        record One(PolicyRecord record) implements Found {}

        /** Nothing that counts, and why when there is more to say. */
        record None(String fault) implements Found {}

        /** It can not be told now. */
        record Unknown() implements Found {}
    }

    /** The record of the domain. */
    Found record(String domain) {
        Found known = records.get(domain);
        if (known == null) {
            known = asked("_dmarc." + domain);
            records.put(domain, known);
        }
        return known;
    }

    private Found asked(String name) {
        if (late()) {
            return new Found.Unknown();
        }
        Dns.Answer<String> answer = dns.txt(name);
        if (answer.status() == Dns.Status.TEMPORARY) {
            return new Found.Unknown();
        }
        List<PolicyRecord> valid = new ArrayList<>();
        for (String text : answer.records()) {
            READINGS.of(text).ifPresent(valid::add);
        }
        // RFC 9989 4.10: several are none.
        return switch (valid.size()) {
            case 0 -> new Found.None("");
            case 1 -> new Found.One(valid.getFirst());
            default -> new Found.None("more than one record at " + name);
        };
    }

    /** Whether the name exists (RFC 9989 3.2.13, RFC 8020: every answer but NXDOMAIN says so); empty when it can not be told. */
    Optional<Boolean> exists(String domain) {
        if (late()) {
            return Optional.empty();
        }
        Dns.Status status = dns.a(domain).status();
        return status == Dns.Status.TEMPORARY ? Optional.empty() : Optional.of(status != Dns.Status.NO_NAME);
    }

    private boolean late() {
        return Thread.currentThread().isInterrupted() || !clock.instant().isBefore(end);
    }
}
