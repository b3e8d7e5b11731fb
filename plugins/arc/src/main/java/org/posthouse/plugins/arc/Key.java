// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.KeyRecord;
import org.posthouse.mailauth.dkim.Keys;
import org.posthouse.mailauth.dkim.Result;
import org.posthouse.mailauth.dkim.UnusableException;

/** Finds the keys that signatures of chains name. */
final class Key {
    private Key() {}

    /** The key, when it is one that this algorithm may be used with. */
    static KeyRecord find(Keys keys, Algorithm algorithm, String selector, String domain) throws UnusableException {
        KeyRecord key = keys.find(selector, domain);
        if (key.algorithm() != algorithm) {
            throw new UnusableException(Result.PERMERROR, "the key is of another algorithm");
        }
        // RFC 8301 3.2.
        if (algorithm == Algorithm.RSA_SHA256 && key.bits() < KeyRecord.LEAST_RSA_BITS) {
            throw new UnusableException(Result.POLICY, "the key is too short");
        }
        return key;
    }

    static UnusableException fail(String reason) {
        return new UnusableException(Result.FAIL, reason);
    }
}
