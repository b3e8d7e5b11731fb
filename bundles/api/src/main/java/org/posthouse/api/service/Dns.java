// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.service;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The resolver every part uses: cached, bounded in time, against the configured servers.
 *
 * <p>Names are given without the final dot, in A-label or U-label form. Methods block and never throw for what DNS
 * answers; they return within the configured timeout. A thread that is interrupted gets a temporary failure.
 */
@ProviderType
public interface Dns {
    /** The mail exchangers, best preference first (RFC 5321 5.1). */
    Answer<Mx> mx(String domain);

    /** The IPv4 addresses. */
    Answer<InetAddress> a(String host);

    /** The IPv6 addresses. */
    Answer<InetAddress> aaaa(String host);

    /** The text records, each joined from its strings. */
    Answer<String> txt(String name);

    /** The names of an address. */
    Answer<String> ptr(InetAddress address);

    /** The TLSA records (RFC 6698). */
    Answer<Tlsa> tlsa(String name);

    /**
     * A mail exchanger.
     *
     * @param preference the lower the better
     * @param host the name without the final dot; empty for the null MX (RFC 7505)
     */
    record Mx(int preference, String host) {}

    /** A TLSA record (RFC 6698 2.1). */
    record Tlsa(int usage, int selector, int matching, byte[] data) {}

    /**
     * What DNS said.
     *
     * @param status how the question ended
     * @param records the records; empty unless FOUND
     * @param authentic whether the answer was validated by DNSSEC
     * @param ttl how long it may be kept
     * @param <T> the kind of record
     */
    record Answer<T>(Status status, List<T> records, boolean authentic, Duration ttl) {
        public Answer {
            records = List.copyOf(records);
        }

        /** Whether there are records. */
        public boolean found() {
            return status == Status.FOUND;
        }
    }

    /** How a question ended. */
    enum Status {
        /** There are records. */
        FOUND,
        /** The name exists, without records of this type. */
        NO_DATA,
        /** The name does not exist (NXDOMAIN). */
        NO_NAME,
        /** It can not be told now: timeout, SERVFAIL, or no server. */
        TEMPORARY
    }
}
