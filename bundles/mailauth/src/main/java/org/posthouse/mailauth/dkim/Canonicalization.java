// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.Locale;
import java.util.Optional;
import org.posthouse.mailauth.message.Octets;

/** What changes on the way do not break a signature (RFC 6376 3.4). */
public enum Canonicalization {
    /** Next to none. */
    SIMPLE {
        @Override
        public String field(String raw) {
            return raw;
        }

        @Override
        public CanonicalBody body(Octets sink) {
            return new SimpleBody(sink);
        }
    },
    /** White space, and the case of names of fields. */
    RELAXED {
        @Override
        public String field(String raw) {
            return relaxed(raw);
        }

        @Override
        public CanonicalBody body(Octets sink) {
            return new RelaxedBody(sink);
        }
    };

    /** A whole field with its CRLF in canonical form, octets as ISO 8859-1. */
    public abstract String field(String raw);

    /** Turns a body into its canonical form as it comes. */
    public abstract CanonicalBody body(Octets sink);

    /** The word that stands in the tag c. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The form of this name; empty when there is none. */
    public static Optional<Canonicalization> of(String word) {
        for (Canonicalization one : values()) {
            if (one.word().equalsIgnoreCase(word)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** RFC 6376 3.4.2: name in lower case, unfolded, runs of WSP are one space, none around the colon and at the end. */
    private static String relaxed(String raw) {
        int colon = raw.indexOf(':');
        StringBuilder out = new StringBuilder(raw.length());
        out.append(raw.substring(0, Math.max(0, colon)).stripTrailing().toLowerCase(Locale.ROOT))
                .append(':');
        boolean space = false;
        int begin = out.length();
        for (int i = colon + 1; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\r' && i + 1 < raw.length() && raw.charAt(i + 1) == '\n') {
                i++;
            } else if (c == ' ' || c == '\t') {
                space = true;
            } else {
                if (space && out.length() > begin) {
                    out.append(' ');
                }
                space = false;
                out.append(c);
            }
        }
        return out.append("\r\n").toString();
    }
}
