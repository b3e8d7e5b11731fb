// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How messages are signed.
 *
 * @param headerForm the canonical form of fields
 * @param bodyForm the canonical form of the body
 * @param fields names that are signed as often as they stand in the message
 * @param oversigned those of them that are signed once more than that, so that none can be added
 * @param life how long a signature is good; zero for ever
 */
public record SignatureForm(
        Canonicalization headerForm,
        Canonicalization bodyForm,
        List<String> fields,
        List<String> oversigned,
        Duration life) {
    /** RFC 6376 5.4.1, 3.5: what the way changes or removes, and what holds signatures. */
    private static final Set<String> NEVER = Set.of(
            "return-path",
            "received",
            "comments",
            "keywords",
            "bcc",
            "resent-bcc",
            "dkim-signature",
            "authentication-results",
            "arc-seal",
            "arc-message-signature",
            "arc-authentication-results");

    /**
     * Checks the names.
     *
     * @throws IllegalArgumentException when one is no name of a field or may not be signed, or From is not among them
     */
    public SignatureForm {
        fields = List.copyOf(fields);
        oversigned = List.copyOf(oversigned);
        for (String name : fields) {
            if (name.isEmpty() || !name.chars().allMatch(c -> c > 32 && c < 127 && c != ':' && c != ';')) {
                throw new IllegalArgumentException("not a header field name: " + name);
            }
            if (NEVER.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("not to be signed: " + name);
            }
        }
        if (fields.stream().noneMatch("From"::equalsIgnoreCase)) {
            throw new IllegalArgumentException("From must be signed");
        }
        for (String name : oversigned) {
            if (fields.stream().noneMatch(name::equalsIgnoreCase)) {
                throw new IllegalArgumentException("oversigned, but not signed: " + name);
            }
        }
    }

    /** The tag h for a message. */
    List<String> names(SignedFields message) {
        List<String> names = new ArrayList<>();
        for (String name : fields) {
            int times = message.count(name) + (oversigned.stream().anyMatch(name::equalsIgnoreCase) ? 1 : 0);
            for (int i = 0; i < times; i++) {
                names.add(name);
            }
        }
        return names;
    }
}
