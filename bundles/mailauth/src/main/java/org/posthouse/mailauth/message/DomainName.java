// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;

/**
 * How domains are compared and asked for: as A-labels in lower case (RFC 5890).
 *
 * <p>The JDK's own conversion is that of 2003, which takes {@code ß} for {@code ss} and so one domain for that of somebody else.
 */
public final class DomainName {
    private static final int LABEL_LIMIT = 63;
    private static final int NAME_LIMIT = 253;

    private DomainName() {}

    /**
     * The A-labels of a domain in lower case, without the final dot; empty when it is none (RFC 1035 2.3.4). Underscores are
     * let through, since names in DNS have them.
     */
    public static Optional<String> ascii(String domain) {
        String text = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
        if (text.length() > NAME_LIMIT) {
            return Optional.empty();
        }
        StringBuilder out = new StringBuilder();
        for (String label : prepared(text).split("\\.", -1)) {
            String ascii = label.chars().allMatch(c -> c < 128) ? label : "xn--" + Punycode.encode(label);
            if (!isLabel(label, ascii)) {
                return Optional.empty();
            }
            out.append(out.isEmpty() ? "" : ".").append(ascii);
        }
        return out.length() > NAME_LIMIT ? Optional.empty() : Optional.of(out.toString());
    }

    /** Whether the domain is the other one or stands below it; both as A-labels. */
    public static boolean within(String domain, String other) {
        return domain.equals(other) || domain.endsWith("." + other);
    }

    /** Lower case and compatible characters made one, before and after, since each can bring forth the other. */
    private static String prepared(String text) {
        if (text.chars().allMatch(c -> c < 128)) {
            return text.toLowerCase(Locale.ROOT);
        }
        String seen = text.codePoints()
                .filter(c -> !isIgnored(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        String once = Normalizer.normalize(seen, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        return Normalizer.normalize(once, Normalizer.Form.NFKC).replace('\u3002', '.');
    }

    /** UTS 46 4, step 1: what nobody sees is no part of a name, or one name could be written in a way that is none. */
    private static boolean isIgnored(int c) {
        return switch (c) {
            case 0xAD, 0x34F, 0x180B, 0x180C, 0x180D, 0x180F, 0x200B, 0x2060, 0x2064, 0xFEFF -> true;
            default -> c >= 0xFE00 && c <= 0xFE0F || c >= 0xE0100 && c <= 0xE01EF;
        };
    }

    private static boolean isLabel(String label, String ascii) {
        return !ascii.isEmpty()
                && ascii.length() <= LABEL_LIMIT
                && label.codePoints().allMatch(DomainName::isLetter);
    }

    private static boolean isLetter(int c) {
        if (c < 128) {
            return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
        }
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK -> true;
            default -> Character.isLetterOrDigit(c);
        };
    }
}
