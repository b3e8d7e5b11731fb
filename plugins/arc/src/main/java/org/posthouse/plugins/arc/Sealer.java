// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.posthouse.api.Header;
import org.posthouse.mailauth.dkim.BodyHashes;
import org.posthouse.mailauth.dkim.Canonicalization;
import org.posthouse.mailauth.dkim.FoldedValue;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.SigningKey;

/**
 * Makes a set that continues a chain (RFC 8617 5.1). The tags stand in the order of their names, so that the same message, key
 * and time always give the same set.
 */
final class Sealer {
    /** How the body is hashed. */
    static final BodyHashes.Wanted BODY = BodyHashes.Wanted.whole(Canonicalization.RELAXED);

    private static final String FOLD = "\r\n ";

    /** RFC 5322 2.1.1: a line should have at most 78 characters; with the space of a fold and a semicolon. */
    static final int WIDTH = 76;

    private final SigningKey key;
    private final int width;

    /**
     * Seals with a key.
     *
     * @param width how many characters of a signature stand in a line; seals cover message signatures with the white space in
     *     them, so it changes what comes out
     */
    Sealer(SigningKey key, int width) {
        this.key = key;
        this.width = width;
    }

    /**
     * The next set.
     *
     * @param before the sets so far; none when the chain is broken: then the seal covers its own set alone (RFC 8617 5.1.2)
     * @param instance the instance of the set
     * @param status the tag cv
     * @param results what Authentication-Results says, with the name of the server in front
     * @param names the fields that are signed
     * @param fields the fields of the message
     * @param bodyHash the hash of {@link #BODY}
     * @throws GeneralSecurityException when the key is no key of its algorithm
     */
    ArcSet seal(
            List<ArcSet> before,
            int instance,
            String status,
            String results,
            List<String> names,
            SignedFields fields,
            byte[] bodyHash,
            Instant now)
            throws GeneralSecurityException {
        Header own = field(ArcSet.RESULTS, "i=" + instance + "; " + results);
        String place = "i=" + instance + ";";
        Tags message = signature -> begun(signature)
                + new FoldedValue(1)
                        .word("bh=" + Base64.getEncoder().encodeToString(bodyHash) + ";")
                        .word("c=relaxed/relaxed;")
                        .word("d=" + key.domain() + ";")
                        .list("h=", names, ":", ";")
                        .word(place)
                        .word("s=" + key.selector() + ";")
                        .word("t=" + now.getEpochSecond());
        Header unsigned = field(ArcSet.SIGNATURE, message.with(""));
        String data = fields.data(names, Canonicalization.RELAXED, unsigned);
        Header signature = field(ArcSet.SIGNATURE, message.with(signed(data.getBytes(StandardCharsets.ISO_8859_1))));
        Tags seal = b -> begun(b)
                + new FoldedValue(1)
                        .word("cv=" + status + ";")
                        .word("d=" + key.domain() + ";")
                        .word(place)
                        .word("s=" + key.selector() + ";")
                        .word("t=" + now.getEpochSecond());
        List<ArcSet> sets = new ArrayList<>(before);
        sets.add(new ArcSet(own, signature, field(ArcSet.SEAL, seal.with(""))));
        String over = signed(new SealedText(sets).of(sets.size()));
        return new ArcSet(own, signature, field(ArcSet.SEAL, seal.with(over)));
    }

    /** The value of a field, with a signature in it. */
    @FunctionalInterface
    private interface Tags {
        String with(String signature);
    }

    /** Up to the signature, which has lines of its own: so no other folding depends on it. */
    private String begun(String signature) {
        StringBuilder out = new StringBuilder("a=" + key.algorithm().word() + ";" + FOLD + "b=");
        for (int from = 0; from < signature.length(); ) {
            int to = Math.min(signature.length(), from == 0 ? width - "b=".length() : from + width);
            out.append(from == 0 ? "" : FOLD).append(signature, from, to);
            from = to;
        }
        return out.append(';').append(FOLD).toString();
    }

    private String signed(byte[] data) throws GeneralSecurityException {
        return Base64.getEncoder().encodeToString(key.algorithm().sign(key.key(), data));
    }

    private static Header field(String name, String value) {
        return new Header(name, name + ": " + value + "\r\n");
    }
}
