// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.security.PublicKey;
import java.util.List;
import java.util.Locale;

/**
 * A public key as DNS has it (RFC 6376 3.6.1, RFC 8463 4).
 *
 * @param algorithm the algorithm that it serves
 * @param key the key
 * @param bits the length of an RSA key, 256 for Ed25519
 * @param testing whether its domain is testing (flag y)
 * @param strict whether the identity must have the domain of the signature and none below it (flag s)
 */
public record KeyRecord(Algorithm algorithm, PublicKey key, int bits, boolean testing, boolean strict) {
    /** RFC 8301 3.2: signatures of shorter keys must not count. */
    public static final int LEAST_RSA_BITS = 1024;

    /**
     * Reads the text of a record.
     *
     * @throws UnusableException when it is no key record, or is for something else
     */
    public static KeyRecord parse(String text) throws UnusableException {
        TagList tags;
        try {
            tags = TagList.parse(text);
        } catch (MalformedTagsException e) {
            throw unusable("the key record is malformed: " + e.getMessage());
        }
        // RFC 6376 3.6.1: other versions are discarded, and v must be first.
        if (!tags.value("v").orElse("DKIM1").equals("DKIM1") || tags.tags().indexOf("v") > 0) {
            throw unusable("the key record is of another version");
        }
        if (!words(tags, "h", "sha256").contains("sha256")) {
            throw unusable("the key is not for this hash");
        }
        List<String> services = words(tags, "s", "*");
        if (!services.contains("*") && !services.contains("email")) {
            throw unusable("the key is not for mail");
        }
        Algorithm algorithm = Algorithm.ofKeyType(tags.value("k").orElse("rsa"))
                .orElseThrow(() -> unusable("the key is of an unknown type"));
        String octets = tags.compact("p").orElseThrow(() -> unusable("the key record has no key"));
        if (octets.isEmpty()) {
            throw unusable("the key is revoked");
        }
        PublicKey key = PublicKeys.read(algorithm, octets);
        List<String> flags = words(tags, "t", "");
        return new KeyRecord(algorithm, key, PublicKeys.bits(key), flags.contains("y"), flags.contains("s"));
    }

    private static List<String> words(TagList tags, String tag, String otherwise) {
        return List.of(
                tags.compact(tag).orElse(otherwise).toLowerCase(Locale.ROOT).split(":"));
    }

    static UnusableException unusable(String reason) {
        return new UnusableException(Result.PERMERROR, reason);
    }
}
