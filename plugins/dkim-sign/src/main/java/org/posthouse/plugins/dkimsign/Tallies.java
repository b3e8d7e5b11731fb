// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.posthouse.mailauth.dkim.SigningKey;

/** Counts signatures, and messages of our clients that got none. */
final class Tallies {
    static final String NO_KEY = "no-key";
    static final String UNREADABLE = "unreadable";
    static final String DAMAGED = "damaged";

    private final MeterRegistry meters;

    Tallies(MeterRegistry meters) {
        this.meters = meters;
    }

    void signed(SigningKey key) {
        Counter.builder("posthouse.dkim.signed")
                .description("DKIM signatures made")
                .tag("algorithm", key.algorithm().word())
                .register(meters)
                .increment();
    }

    void unsigned(String why) {
        Counter.builder("posthouse.dkim.unsigned")
                .description("Messages of own clients that were not signed")
                .tag("reason", why)
                .register(meters)
                .increment();
    }
}
