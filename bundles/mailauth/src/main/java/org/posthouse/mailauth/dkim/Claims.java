// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.posthouse.mailauth.domain.DomainName;

/**
 * What a signature says of itself, as far as it can be shown; also of one that can not be checked. What is not of the form it
 * should have is left empty, since it is written by strangers.
 *
 * @param domain the tag d, as A-labels
 * @param selector the tag s, as A-labels
 * @param algorithm the tag a in lower case
 * @param signature the tag b
 */
public record Claims(String domain, String selector, String algorithm, String signature) {
    /** A signature that can not be read at all. */
    public static final Claims NONE = new Claims("", "", "", "");

    private static final Pattern WORD = Pattern.compile("[a-z0-9]{1,20}(-[a-z0-9]{1,20})?");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{1,4096}={0,2}");

    static Claims of(TagList tags) {
        return new Claims(
                tags.text("d").flatMap(DomainName::ascii).orElse(""),
                tags.text("s").flatMap(DomainName::ascii).orElse(""),
                shown(tags.value("a").map(a -> a.toLowerCase(Locale.ROOT)), WORD),
                shown(tags.compact("b"), BASE64));
    }

    private static String shown(Optional<String> value, Pattern form) {
        return value.filter(v -> form.matcher(v).matches()).orElse("");
    }
}
