// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** How words of the command line become parts of an address. */
final class Paths {
    private Paths() {}

    /** One segment of a path, whatever the operator typed; never a dot segment. */
    static String segment(String text) {
        String encoded = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
        // RFC 3986 5.2.4 would remove "." and "..", and an empty segment would be another resource.
        return encoded.isEmpty() || encoded.matches("\\.{1,2}") ? "-" : encoded;
    }

    /** {@code &name=value}, or nothing when the value is empty. */
    static String parameter(String name, String value) {
        return value.isEmpty() ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
