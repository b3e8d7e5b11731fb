// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.security.PrivateKey;

/**
 * A private key, and where its public half is found.
 *
 * @param domain the domain as A-labels
 * @param selector the selector
 * @param algorithm what it signs with
 * @param key the key
 */
public record SigningKey(String domain, String selector, Algorithm algorithm, PrivateKey key) {
    /** The name of its record in DNS. */
    public String name() {
        return selector + "._domainkey." + domain;
    }

    @Override
    public String toString() {
        return algorithm.word() + " " + name();
    }
}
