// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.posthouse.mailauth.dkim.Canonicalization;
import org.posthouse.mailauth.dkim.TagList;

/** What seals sign: all sets up to their own, in the order in which they were added (RFC 8617 5.1.1). */
final class SealedText {
    private final List<ArcSet> sets;
    private final StringBuilder all = new StringBuilder();
    private final int[] begins;

    SealedText(List<ArcSet> sets) {
        this.sets = List.copyOf(sets);
        this.begins = new int[sets.size()];
        for (int i = 0; i < sets.size(); i++) {
            begins[i] = all.length();
            ArcSet set = sets.get(i);
            all.append(relaxed(set.results().raw()))
                    .append(relaxed(set.signature().raw()))
                    .append(relaxed(set.seal().raw()));
        }
    }

    /** What the seal of this instance signs: its own tag b is empty, and its line end is missing. */
    byte[] of(int instance) {
        ArcSet own = sets.get(instance - 1);
        String seal = relaxed(TagList.emptied(own.seal().raw(), "b"));
        String text = all.substring(0, begins[instance - 1])
                + relaxed(own.results().raw())
                + relaxed(own.signature().raw())
                + seal.substring(0, seal.length() - 2);
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String relaxed(String raw) {
        return Canonicalization.RELAXED.field(raw);
    }
}
