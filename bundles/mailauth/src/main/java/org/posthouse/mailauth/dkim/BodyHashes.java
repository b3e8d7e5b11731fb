// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.mailauth.message.Octets;

/** Hashes one body for all signatures of a message while it is read once: each canonical form is made once, however many ask. */
public final class BodyHashes implements Octets {
    private final Map<Wanted, Prefix> prefixes = new HashMap<>();
    private final List<CanonicalBody> forms = new ArrayList<>();

    /**
     * What is hashed.
     *
     * @param form the canonical form
     * @param length how many octets of it, -1 for all (RFC 6376 3.5, tag l)
     */
    public record Wanted(Canonicalization form, long length) {
        /** The whole body. */
        public static Wanted whole(Canonicalization form) {
            return new Wanted(form, -1);
        }
    }

    /** Hashes these; the same one may be asked for more than once. */
    public BodyHashes(Collection<Wanted> all) {
        Map<Canonicalization, List<Prefix>> byForm = new EnumMap<>(Canonicalization.class);
        for (Wanted wanted : all) {
            if (!prefixes.containsKey(wanted)) {
                Prefix prefix = new Prefix(wanted.length());
                prefixes.put(wanted, prefix);
                byForm.computeIfAbsent(wanted.form(), f -> new ArrayList<>()).add(prefix);
            }
        }
        byForm.forEach((form, list) -> forms.add(form.body((b, off, len) -> list.forEach(p -> p.take(b, off, len)))));
    }

    @Override
    public void take(byte[] octets, int offset, int length) {
        forms.forEach(form -> form.take(octets, offset, length));
    }

    /** The body is at its end; the hashes can be asked for. */
    public void end() {
        forms.forEach(CanonicalBody::end);
        prefixes.values().forEach(Prefix::end);
    }

    /** The SHA-256 of what was wanted; empty when the body has fewer octets than that. */
    public Optional<byte[]> hash(Wanted wanted) {
        Prefix prefix = prefixes.get(wanted);
        if (prefix == null) {
            throw new IllegalArgumentException("not asked for: " + wanted);
        }
        return prefix.hash();
    }

    /** How many octets the canonical body has; the same for every length of one form. */
    public long octets(Wanted wanted) {
        Prefix prefix = prefixes.get(wanted);
        if (prefix == null) {
            throw new IllegalArgumentException("not asked for: " + wanted);
        }
        return prefix.octets();
    }
}
