// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import org.posthouse.mailauth.dkim.Verifier.Rules;

/**
 * A signature that is well-formed and whose key is there, so that its message must be read.
 *
 * @param claims what it says of itself
 * @param signature the signature
 * @param key its key
 */
record Trial(Claims claims, DkimSignature signature, KeyRecord key) {
    /**
     * Begins.
     *
     * @throws UnusableException when it is decided already
     */
    static Trial begin(Claims claims, DkimSignature signature, Keys keys, Rules rules, Instant now)
            throws UnusableException {
        SignatureTags tags = signature.tags();
        if (tags.expiry() >= 0 && now.getEpochSecond() > tags.expiry()) {
            throw SignatureTags.permanent("the signature is expired");
        }
        KeyRecord key = keys.find(tags.selector(), tags.domain());
        if (key.algorithm() != tags.algorithm()) {
            throw new UnusableException(Result.PERMERROR, "the key is of another type", key.testing());
        }
        if (key.strict() && !signature.identity().equals(tags.domain())) {
            throw new UnusableException(Result.PERMERROR, "the key is not for subdomains", key.testing());
        }
        // RFC 8301 3.2.
        int least = Math.max(KeyRecord.LEAST_RSA_BITS, rules.leastRsaBits());
        if (key.algorithm() == Algorithm.RSA_SHA256 && key.bits() < least) {
            throw new UnusableException(Result.POLICY, "the key has only " + key.bits() + " bits", key.testing());
        }
        return new Trial(claims, signature, key);
    }

    Check end(BodyHashes bodies, SignedFields fields, Rules rules) {
        SignatureTags tags = signature.tags();
        Optional<byte[]> hash = bodies.hash(tags.body());
        if (hash.isEmpty()) {
            return check(Result.FAIL, "the body is shorter than signed", 0);
        }
        if (!MessageDigest.isEqual(hash.get(), tags.bodyHash())) {
            return check(Result.FAIL, "the body hash did not verify", 0);
        }
        byte[] data =
                fields.data(tags.fields(), tags.headerForm(), signature.field()).getBytes(StandardCharsets.ISO_8859_1);
        if (!tags.algorithm().verifies(key.key(), data, tags.signature())) {
            return check(Result.FAIL, "the signature did not verify", 0);
        }
        long unsigned = tags.length() < 0 ? 0 : bodies.octets(tags.body()) - tags.length();
        // RFC 6376 8.15: a From field above the signed one would be shown in its place.
        if (fields.count("From") > tags.signs("From")) {
            return check(Result.POLICY, "a From field is not signed", unsigned);
        }
        if (unsigned > 0 && !rules.partial()) {
            return check(Result.POLICY, "the end of the body is not signed", unsigned);
        }
        return check(Result.PASS, "", unsigned);
    }

    private Check check(Result result, String reason, long unsigned) {
        return new Check(claims, result, reason, key.testing(), unsigned);
    }
}
