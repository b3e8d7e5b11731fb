// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.dkim.KeyRecord;
import org.posthouse.mailauth.dkim.PublicKeys;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.dkim.UnusableException;
import org.posthouse.mailauth.keys.PrivateKeys;

/**
 * The record that must be in DNS for a key.
 *
 * @param name where
 * @param text what, in one piece
 * @param key the public key in it
 */
record TextRecord(String name, String text, PublicKey key) {
    /** RFC 1035 3.3: a string has at most so many octets. */
    private static final int STRING = 255;

    static TextRecord of(SigningKey key) throws GeneralSecurityException {
        PublicKey half = PrivateKeys.publicOf(key.key());
        String text = "v=DKIM1; k=" + key.algorithm().keyType() + "; p=" + PublicKeys.text(half);
        return new TextRecord(key.name(), text, half);
    }

    /** The text as strings that DNS takes, in quotes. */
    String strings() {
        StringBuilder out = new StringBuilder();
        for (int from = 0; from < text.length(); from += STRING) {
            out.append(from == 0 ? "\"" : " \"")
                    .append(text, from, Math.min(text.length(), from + STRING))
                    .append('"');
        }
        return out.toString();
    }

    /** What DNS says now, in a few words. */
    String compared(Dns dns) {
        Dns.Answer<String> answer = dns.txt(name);
        return switch (answer.status()) {
            case FOUND ->
                answer.records().size() > 1
                        ? "there are several records"
                        : compared(answer.records().getFirst());
            case NO_DATA, NO_NAME -> "there is no record";
            case TEMPORARY -> "it can not be told now";
        };
    }

    private String compared(String found) {
        try {
            return KeyRecord.parse(found).key().equals(key) ? "the same key" : "another key";
        } catch (UnusableException e) {
            return e.reason();
        }
    }
}
