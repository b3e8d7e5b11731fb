// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.posthouse.mailauth.domain.DomainName;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/** Names as people write them, turned into names as DNS has them. */
final class Names {
    private Names() {}

    /** The absolute name; empty when no such name can exist (an empty or overlong label, RFC 1035 2.3.4). */
    static Optional<Name> absolute(String text) {
        String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        try {
            return Optional.of(Name.fromString(escaped(ascii(name)) + "."));
        } catch (TextParseException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String ascii(String name) {
        boolean plain = true;
        for (int i = 0; i < name.length(); i++) {
            plain &= name.charAt(i) < 128;
        }
        return plain
                ? name.toLowerCase(Locale.ROOT)
                : DomainName.ascii(name).orElseThrow(() -> new IllegalArgumentException("No such name can exist"));
    }

    /** Octets that mean something to dnsjava's parser are written as numbers: names come from strangers (SPF macros). */
    private static String escaped(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("The root is not asked for");
        }
        StringBuilder out = new StringBuilder(name.length() + 1);
        for (byte b : name.getBytes(StandardCharsets.US_ASCII)) {
            boolean plain = b == '-' || b == '_' || b == '.' || Character.isLetterOrDigit(b);
            if (plain) {
                out.append((char) b);
            } else {
                out.append(String.format(Locale.ROOT, "\\%03d", b & 0xff));
            }
        }
        return out.toString();
    }

    /** The name as text in lower case without the final dot; empty for the root. */
    static String text(Name name) {
        return name.equals(Name.root) ? "" : name.toString(true).toLowerCase(Locale.ROOT);
    }
}
