// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.nio.charset.StandardCharsets;
import org.posthouse.itests.fuzz.Claim;

/** Lists of tags: read or refused, and the tag b can be taken out of the field that holds one once, not twice. */
public final class TagListTarget {
    private TagListTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        String emptied = TagList.emptied("D:" + text, "b");
        Claim.same(emptied, TagList.emptied(emptied, "b"));
        TagList tags;
        try {
            tags = TagList.parse(text);
        } catch (MalformedTagsException e) {
            return;
        }
        Claim.that(!tags.tags().isEmpty(), () -> "no tags");
        for (String tag : tags.tags()) {
            String compact = tags.compact(tag).orElseThrow();
            Claim.that(compact.chars().noneMatch(c -> c <= ' ' || c == ';'), () -> tag + " is not compact");
        }
    }
}
