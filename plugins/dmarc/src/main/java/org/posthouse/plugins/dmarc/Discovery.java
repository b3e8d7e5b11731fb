// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.Optional;

/** Finds the policy that applies to a domain, and the organisation that a domain belongs to. */
interface Discovery {
    /** Its name in aggregate reports (RFC 9990 3.1.1.5). */
    String method();

    /** The record that applies to mail of this domain. */
    Applicable policy(String author, Lookups lookups);

    /** The organisational domain; empty when it can not be told now. */
    Optional<String> organisation(String domain, Lookups lookups);

    /** What was found. */
    sealed interface Applicable {
        /** A record, and the domain that published it. */
        record Published(String domain, PolicyRecord record) implements Applicable {}

        /** No record applies. */
        record Nothing(String reason) implements Applicable {}

        /** It can not be told now. */
        record Unknown() implements Applicable {}

        /** What one answer of DNS means when no other is asked for. */
        static Applicable of(String domain, Lookups.Found found) {
            return switch (found) {
                case Lookups.Found.Unknown unknown -> new Unknown();
                case Lookups.Found.None none -> new Nothing(none.fault());
                case Lookups.Found.One one ->
                    one.record().applies()
                            ? new Published(domain, one.record())
                            : new Nothing("the record of " + domain + " has no valid policy and wants no reports");
            };
        }
    }
}
