// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.posthouse.api.Header;
import org.posthouse.mailauth.domain.DomainName;

/**
 * A DKIM-Signature field that can be checked.
 *
 * @param field the field, octet for octet
 * @param tags what it says
 * @param identity the domain of the tag i, as A-labels in lower case; that of the tag d where there is none
 */
public record DkimSignature(Header field, SignatureTags tags, String identity) {
    /** The name of the field. */
    public static final String NAME = "DKIM-Signature";

    private static final Pattern SPACE = Pattern.compile("[ \t\r\n]+");

    /**
     * Reads a field.
     *
     * @throws UnusableException when it is malformed, or says what is not known
     */
    static DkimSignature of(Header field, TagList tags) throws UnusableException {
        if (!tags.value("v").orElse("").equals("1")) {
            throw SignatureTags.neutral("the version is not 1");
        }
        SignatureTags read = SignatureTags.of(tags);
        String identity = identity(tags, read.domain());
        if (!DomainName.within(identity, read.domain())) {
            throw SignatureTags.permanent("tag i is outside of tag d");
        }
        // RFC 6376 3.5: methods that are not known are ignored, and there is one that is.
        Optional<String> methods = tags.compact("q");
        if (methods.isPresent() && Stream.of(methods.get().split(":")).noneMatch("dns/txt"::equalsIgnoreCase)) {
            throw SignatureTags.permanent("the key is not in DNS");
        }
        return new DkimSignature(field, read, identity);
    }

    private static String identity(TagList tags, String domain) throws UnusableException {
        if (tags.value("i").isEmpty()) {
            return domain;
        }
        return tags.text("i")
                .map(text -> SPACE.matcher(text).replaceAll(""))
                .filter(text -> text.indexOf('@') >= 0)
                .flatMap(text -> DomainName.ascii(text.substring(text.lastIndexOf('@') + 1)))
                .orElseThrow(() -> SignatureTags.neutral("tag i has no domain"));
    }
}
