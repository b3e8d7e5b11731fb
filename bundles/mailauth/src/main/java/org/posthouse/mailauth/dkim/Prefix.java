// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.security.MessageDigest;
import java.util.Optional;
import org.posthouse.mailauth.message.Octets;

/** Hashes the first octets of what it takes, and counts all. */
final class Prefix implements Octets {
    private final MessageDigest digest = Algorithm.sha256();
    private final long limit;
    private long octets;
    private byte[] hash = {};

    /** Hashes this many octets, all when it is negative. */
    Prefix(long limit) {
        this.limit = limit;
    }

    @Override
    public void take(byte[] b, int offset, int length) {
        long left = limit < 0 ? length : limit - octets;
        if (left > 0) {
            digest.update(b, offset, (int) Math.min(left, length));
        }
        octets += length;
    }

    void end() {
        hash = digest.digest();
    }

    Optional<byte[]> hash() {
        return limit > octets ? Optional.empty() : Optional.of(hash.clone());
    }

    long octets() {
        return octets;
    }
}
