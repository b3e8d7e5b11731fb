// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.domain;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How domains are compared and asked for: as A-labels in lower case (RFC 5890), made from U-labels as UTS 46 has it without the
 * transition.
 *
 * <p>The JDK's own conversion is that of 2003, which takes {@code ß} for {@code ss}, {@code ς} for {@code σ} and drops joiners,
 * and so takes one domain for that of somebody else.
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
        if (isAscii(text)) {
            // Nearly all are, and several are read for each message.
            String lower = text.toLowerCase(Locale.ROOT);
            return hasLabels(lower) ? Optional.of(lower) : Optional.empty();
        }
        StringBuilder out = new StringBuilder();
        for (String label : prepared(text).split("\\.", -1)) {
            String ascii = isAscii(label) ? label : "xn--" + Punycode.encode(label);
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

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 128) {
                return false;
            }
        }
        return true;
    }

    /** Whether labels of ASCII letters alone stand there. */
    private static boolean hasLabels(String lower) {
        int length = 0;
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (c == '.' ? length == 0 : !isLetter(c) || length == LABEL_LIMIT) {
                return false;
            }
            length = c == '.' ? 0 : length + 1;
        }
        return length > 0;
    }

    /** Lower case and compatible characters made one, before and after, since each can bring forth the other. */
    private static String prepared(String text) {
        String seen = text.codePoints()
                .filter(c -> !isIgnored(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        String once = folded(Normalizer.normalize(seen, Normalizer.Form.NFKC));
        return Normalizer.normalize(once, Normalizer.Form.NFKC).replace('\u3002', '.');
    }

    /** Each character alone: at the end of a word a capital sigma would become the final one, which is another name. */
    private static String folded(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.append(folded(c)));
        return out.toString();
    }

    /** Case folding by way of the upper case, as it makes one of more characters; but for those that stay themselves. */
    private static String folded(int c) {
        String lower = Character.toString(c).toLowerCase(Locale.ROOT);
        return switch (lower.codePointAt(0)) {
            case 'ı', 'ß', 'ς' -> lower;
            default ->
                lower.toUpperCase(Locale.ROOT)
                        .codePoints()
                        .mapToObj(upper -> Character.toString(upper).toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining());
        };
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
                && label.codePoints().allMatch(DomainName::isLetter)
                && Joiners.fit(label);
    }

    private static boolean isLetter(int c) {
        if (c < 128) {
            return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
        }
        if (Joiners.is(c)) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK -> true;
            default -> Character.isLetterOrDigit(c);
        };
    }
}
