// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.posthouse.mailauth.domain.DomainName;

/**
 * What the signatures of DKIM, and of ARC over messages, say (RFC 6376 3.5, RFC 8617 4.1.2).
 *
 * @param algorithm the tag a
 * @param domain the tag d, as A-labels in lower case
 * @param selector the tag s, as A-labels in lower case
 * @param fields the tag h: names as they stand there
 * @param headerForm the first part of the tag c
 * @param bodyForm the second part of the tag c
 * @param length the tag l, or -1
 * @param time the tag t in seconds, or -1
 * @param expiry the tag x in seconds, or -1
 * @param bodyHash the tag bh
 * @param signature the tag b
 */
public record SignatureTags(
        Algorithm algorithm,
        String domain,
        String selector,
        List<String> fields,
        Canonicalization headerForm,
        Canonicalization bodyForm,
        long length,
        long time,
        long expiry,
        byte[] bodyHash,
        byte[] signature) {
    private static final int LONGEST_NUMBER = 18;

    /**
     * Reads the tags that both have.
     *
     * @throws UnusableException when one is missing or wrong, or names what is not known
     */
    public static SignatureTags of(TagList tags) throws UnusableException {
        String algorithm = required(tags, "a");
        required(tags, "d");
        required(tags, "s");
        List<String> fields = fields(compact(tags, "h"));
        byte[] bodyHash = octets(compact(tags, "bh"), "bh");
        byte[] signature = octets(compact(tags, "b"), "b");
        String[] forms = tags.compact("c").orElse("simple/simple").split("/", -1);
        long time = number(tags, "t");
        long expiry = number(tags, "x");
        if (time >= 0 && expiry >= 0 && expiry <= time) {
            throw neutral("tag x is not behind tag t");
        }
        return new SignatureTags(
                Algorithm.of(algorithm).orElseThrow(() -> permanent("the algorithm is not one that counts")),
                tags.text("d").flatMap(DomainName::ascii).orElseThrow(() -> neutral("tag d is no domain")),
                tags.text("s").flatMap(DomainName::ascii).orElseThrow(() -> neutral("tag s is no selector")),
                fields,
                form(forms, 0),
                form(forms, 1),
                number(tags, "l"),
                time,
                expiry,
                bodyHash,
                signature);
    }

    /** How the body is to be hashed. */
    public BodyHashes.Wanted body() {
        return new BodyHashes.Wanted(bodyForm, length);
    }

    /** How often a name stands in the tag h, in any case. */
    public int signs(String name) {
        return (int) fields.stream().filter(name::equalsIgnoreCase).count();
    }

    private static String required(TagList tags, String tag) throws UnusableException {
        return tags.value(tag)
                .filter(value -> !value.isEmpty())
                .orElseThrow(() -> neutral("tag " + tag + " is missing"));
    }

    private static String compact(TagList tags, String tag) throws UnusableException {
        required(tags, tag);
        return tags.compact(tag).orElse("");
    }

    private static List<String> fields(String value) throws UnusableException {
        List<String> names = List.of(value.split(":", -1));
        boolean from = false;
        for (String name : names) {
            if (name.isEmpty()) {
                throw neutral("tag h has an empty name");
            }
            from |= name.equalsIgnoreCase("from");
        }
        // RFC 6376 5.4.
        if (!from) {
            throw permanent("the From field is not signed");
        }
        return names;
    }

    private static byte[] octets(String value, String tag) throws UnusableException {
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw neutral("tag " + tag + " is not base64");
        }
    }

    /** RFC 6376 3.5: a single word is that of the header, and the body is then simple. */
    private static Canonicalization form(String[] words, int at) throws UnusableException {
        String word = at < words.length ? words[at] : "simple";
        Optional<Canonicalization> known = words.length > 2 ? Optional.empty() : Canonicalization.of(word);
        return known.orElseThrow(() -> permanent("the canonical form is not known"));
    }

    private static long number(TagList tags, String tag) throws UnusableException {
        Optional<String> text = tags.value(tag);
        if (text.isEmpty()) {
            return -1;
        }
        String digits = text.get();
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw neutral("tag " + tag + " is no number");
        }
        // RFC 6376 3.5: up to 76 digits; what no clock and no body reaches is as good as endless.
        digits = digits.replaceFirst("^0+(?=.)", "");
        return digits.length() > LONGEST_NUMBER ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    static UnusableException neutral(String reason) {
        return new UnusableException(Result.NEUTRAL, reason);
    }

    static UnusableException permanent(String reason) {
        return new UnusableException(Result.PERMERROR, reason);
    }
}
