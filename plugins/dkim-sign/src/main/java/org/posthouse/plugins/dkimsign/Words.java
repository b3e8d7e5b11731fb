// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.Canonicalization;

/** The words of the configuration and of commands. */
final class Words {
    private Words() {}

    static Canonicalization form(String word) {
        return Canonicalization.of(word)
                .orElseThrow(() -> new IllegalArgumentException("Neither relaxed nor simple: " + word));
    }

    static Algorithm algorithm(String word) {
        for (Algorithm one : Algorithm.values()) {
            if (one.keyType().equals(word)) {
                return one;
            }
        }
        throw new IllegalArgumentException("Neither rsa nor ed25519: " + word);
    }
}
