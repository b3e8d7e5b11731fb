// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.util.List;
import java.util.stream.Stream;
import org.posthouse.api.Header;
import org.posthouse.mailauth.dkim.MalformedTagsException;
import org.posthouse.mailauth.dkim.Result;
import org.posthouse.mailauth.dkim.SignatureTags;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.TagList;
import org.posthouse.mailauth.dkim.UnusableException;

/**
 * What an ARC-Message-Signature says: a DKIM signature but for its version and its identity (RFC 8617 4.1.2).
 *
 * @param tags what it has in common with DKIM
 * @param names the names of the tag h; none where it is empty
 */
record MessageSignature(SignatureTags tags, List<String> names) {
    private static final String H = "h";

    MessageSignature {
        names = List.copyOf(names);
    }

    /**
     * Reads a field.
     *
     * @throws UnusableException when a tag is missing or wrong
     */
    static MessageSignature of(Header field) throws UnusableException {
        TagList tags;
        List<String> names;
        try {
            tags = TagList.parse(ArcSet.value(field));
            String list = tags.compact(H).orElseThrow(() -> new UnusableException(Result.NEUTRAL, "tag h is missing"));
            names = Stream.of(list.split(":", -1))
                    .filter(name -> !name.isEmpty())
                    .toList();
        } catch (MalformedTagsException e) {
            throw new UnusableException(Result.NEUTRAL, String.valueOf(e.getMessage()));
        }
        if (names.stream().anyMatch(ArcSet.SEAL::equalsIgnoreCase)) {
            throw new UnusableException(Result.PERMERROR, "it covers seals");
        }
        return new MessageSignature(SignatureTags.of(asDkim(field)), names);
    }

    /** As DKIM takes it: there From must be named, and nothing may be empty between two colons; in chains both is met. */
    private static TagList asDkim(Header field) throws UnusableException {
        String plain = TagList.emptied("x:" + ArcSet.value(field), H).substring(2);
        try {
            return TagList.parse(plain.replaceFirst("(^|;)(\\s*)h(\\s*)=", "$1$2h=from"));
        } catch (MalformedTagsException e) {
            throw new UnusableException(Result.NEUTRAL, String.valueOf(e.getMessage()));
        }
    }

    /** What there is to say against it when it is asked about the author: a From field that it does not cover; or empty. */
    String uncovered(SignedFields fields) {
        long named = names.stream().filter("from"::equalsIgnoreCase).count();
        if (named == 0) {
            return "From is not covered";
        }
        // As in RFC 6376 8.15: one above the covered one would be shown in its place.
        return fields.count("From") > named ? "a From field is not covered" : "";
    }
}
