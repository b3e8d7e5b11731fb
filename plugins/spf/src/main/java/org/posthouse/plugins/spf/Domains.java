// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.Locale;
import java.util.Optional;
import org.posthouse.mailauth.domain.DomainName;

/** Names of domains: which can be asked, and what their form in DNS is. */
final class Domains {
    private static final int LONGEST = 253;
    private static final int LONGEST_LABEL = 63;

    private Domains() {}

    /** The name with A-labels for U-labels (RFC 7208 4.3); as it was where it can not be one. */
    static String ascii(String name) {
        boolean plain = name.chars().allMatch(c -> c < 128);
        return plain ? name : DomainName.ascii(name).orElse(name);
    }

    /**
     * The name, if it is one of at least two labels that can stand in DNS (RFC 7208 4.3). Numbers alone and literals, which
     * are addresses and no domains, are none.
     */
    static Optional<String> askable(String name) {
        String domain = withoutDot(name);
        if (domain.length() > LONGEST || domain.indexOf('.') < 0 || domain.startsWith("[")) {
            return Optional.empty();
        }
        for (String label : domain.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > LONGEST_LABEL) {
                return Optional.empty();
            }
        }
        boolean clean = domain.chars().allMatch(c -> c > 32 && c < 127);
        boolean number = domain.matches(".*\\.[0-9]+");
        return clean && !number ? Optional.of(domain) : Optional.empty();
    }

    /** RFC 7208 7.3: of a name that is too long, labels go on the left until it fits. */
    static String truncated(String name) {
        String domain = withoutDot(name);
        while (domain.length() > LONGEST) {
            int dot = domain.indexOf('.');
            if (dot < 0) {
                return domain;
            }
            domain = domain.substring(dot + 1);
        }
        return domain;
    }

    /** Whether the name is the domain or stands below it. */
    static boolean within(String name, String domain) {
        String inner = withoutDot(name).toLowerCase(Locale.ROOT);
        String outer = withoutDot(domain).toLowerCase(Locale.ROOT);
        return inner.equals(outer) || inner.endsWith("." + outer);
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
