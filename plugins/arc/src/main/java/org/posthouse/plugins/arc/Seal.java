// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.util.Base64;
import org.posthouse.api.Header;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.MalformedTagsException;
import org.posthouse.mailauth.dkim.TagList;
import org.posthouse.mailauth.domain.DomainName;

/**
 * What an ARC-Seal says (RFC 8617 4.1.3).
 *
 * @param algorithm the tag a
 * @param domain the tag d, as A-labels in lower case
 * @param selector the tag s, as A-labels in lower case
 * @param status the tag cv
 * @param signature the tag b
 */
record Seal(Algorithm algorithm, String domain, String selector, String status, byte[] signature) {
    static final String FAIL = "fail";

    /**
     * Reads a field.
     *
     * @throws BrokenChain when a tag is missing or wrong
     */
    static Seal of(Header field, int instance) throws BrokenChain {
        try {
            TagList tags = TagList.parse(ArcSet.value(field));
            // RFC 8617 4.1.3: what it covers is not for the sealer to choose.
            if (tags.value("h").isPresent()) {
                throw wrong(instance, "tag h");
            }
            if (!tags.value("t").orElse("0").matches("[0-9]+")) {
                throw wrong(instance, "tag t");
            }
            return new Seal(
                    Algorithm.of(tags.value("a").orElse("")).orElseThrow(() -> wrong(instance, "tag a")),
                    tags.text("d").flatMap(DomainName::ascii).orElseThrow(() -> wrong(instance, "tag d")),
                    tags.text("s").flatMap(DomainName::ascii).orElseThrow(() -> wrong(instance, "tag s")),
                    tags.value("cv").orElse("").toLowerCase(java.util.Locale.ROOT),
                    Base64.getDecoder()
                            .decode(tags.compact("b")
                                    .filter(b -> !b.isEmpty())
                                    .orElseThrow(() -> wrong(instance, "tag b"))));
        } catch (MalformedTagsException e) {
            throw wrong(instance, "list of tags");
        } catch (IllegalArgumentException e) {
            throw wrong(instance, "tag b");
        }
    }

    private static BrokenChain wrong(int instance, String what) {
        return new BrokenChain("seal " + instance + " has a wrong " + what);
    }

    static boolean saysFail(Header field) {
        try {
            return TagList.parse(ArcSet.value(field)).value("cv").orElse("").equalsIgnoreCase(FAIL);
        } catch (MalformedTagsException e) {
            return false;
        }
    }
}
