// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;

/**
 * What one address, or each of many, becomes.
 *
 * @param from the address; a star in the local part, and one in the domain, stand for any characters
 * @param to the address it becomes; a star stands for what the star of the same part stood for
 */
record Mapping(Address from, Address to) {
    private static final String ARROW = "->";

    /** RFC 5321 4.1.2: a local part that is a quoted string, or one without characters that would need the quotes. */
    private static final Pattern LOCAL =
            Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|[^\\s\\p{Cntrl}\"<>(),:;@\\[\\]\\\\]++");

    /**
     * Reads {@code from -> to}.
     *
     * @throws IllegalArgumentException when it is no mapping; the message says why
     */
    static Mapping parse(String text) {
        int arrow = text.indexOf(ARROW);
        if (arrow < 0) {
            throw new IllegalArgumentException("expected ADDRESS -> ADDRESS, not '" + text + "'");
        }
        Address from = address(text.substring(0, arrow));
        Address to = address(text.substring(arrow + ARROW.length()));
        if (to.local().contains("*") && !from.local().contains("*")
                || to.domain().contains("*") && !from.domain().contains("*")) {
            throw new IllegalArgumentException("a star of '" + to + "' has no star in '" + from + "' to stand for");
        }
        return new Mapping(from, to);
    }

    private static Address address(String text) {
        Address address = Address.of(text.strip());
        boolean whole = address.domain().matches("[^\\s<>@\"(),;:\\\\]+");
        boolean clean = LOCAL.matcher(address.local()).matches()
                && address.local().chars().noneMatch(c -> c < 32 || c == 127);
        if (!whole || !clean || stars(address.local()) > 1 || stars(address.domain()) > 1) {
            throw new IllegalArgumentException(
                    "expected an address such as anna@example.org or *@example.org, not '" + text.strip() + "'");
        }
        return address;
    }

    private static long stars(String text) {
        return text.chars().filter(c -> c == '*').count();
    }

    /** Whether it is for one address alone. */
    boolean single() {
        return stars(from.local()) + stars(from.domain()) == 0;
    }

    /**
     * What the address becomes; empty when this is not for it, as where text would come before, behind or out of the quotes
     * of a local part.
     */
    Optional<Address> of(Address address) {
        String local = matched(from.local(), address.local());
        String domain = matched(from.domain(), address.domain());
        if (local == null || domain == null) {
            return Optional.empty();
        }
        String mapped = to.local().replace("*", local);
        return mapped.equals(address.local()) || LOCAL.matcher(mapped).matches()
                ? Optional.of(new Address(mapped, to.domain().replace("*", domain)))
                : Optional.empty();
    }

    /** What the star stands for, empty without one; null when the text is not like the pattern, in any case. */
    private static @Nullable String matched(String pattern, String text) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern.equalsIgnoreCase(text) ? "" : null;
        }
        int behind = pattern.length() - star - 1;
        boolean like = text.length() > star + behind
                && text.regionMatches(true, 0, pattern, 0, star)
                && text.regionMatches(true, text.length() - behind, pattern, star + 1, behind);
        return like ? text.substring(star, text.length() - behind) : null;
    }
}
