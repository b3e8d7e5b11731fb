// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.nio.charset.StandardCharsets;

/**
 * One header field as it stands in the message (RFC 5322 2.2).
 *
 * @param name the field name as written
 * @param raw the whole field with name, colon, folding and final CRLF, octet for octet
 */
public record Header(String name, String raw) {
    /** The unfolded value without leading and trailing white space; octets above 127 decoded as UTF-8 where they are. */
    public String value() {
        String text = new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        int colon = text.indexOf(':');
        return text.substring(colon + 1).replace("\r\n", "").strip();
    }

    /** Whether the field has this name, in any case. */
    public boolean is(String other) {
        return name.equalsIgnoreCase(other);
    }
}
