// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.Locale;
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
    private static final int LONGEST_BASE64 = 4096;

    static Claims of(TagList tags) {
        return new Claims(
                tags.text("d").flatMap(DomainName::ascii).orElse(""),
                tags.text("s").flatMap(DomainName::ascii).orElse(""),
                tags.value("a").map(Claims::word).orElse(""),
                tags.compact("b").filter(Claims::isBase64).orElse(""));
    }

    private static String word(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return Algorithm.of(lower).isPresent() || WORD.matcher(lower).matches() ? lower : "";
    }

    /** A loop, for it goes over hundreds of characters of each signature. */
    private static boolean isBase64(String text) {
        int end = text.length();
        while (end > 0 && text.length() - end < 2 && text.charAt(end - 1) == '=') {
            end--;
        }
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean fits = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/';
            if (!fits) {
                return false;
            }
        }
        return end > 0 && end <= LONGEST_BASE64;
    }
}
