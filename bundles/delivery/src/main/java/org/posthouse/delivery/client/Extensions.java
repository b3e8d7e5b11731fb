// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.util.List;
import java.util.Locale;

/**
 * What the other side offers (RFC 5321 4.1.1.1).
 *
 * @param sizeLimit the most octets it takes, 0 when it does not say (RFC 1870 4)
 */
record Extensions(
        boolean pipelining,
        boolean chunking,
        boolean binaryMime,
        boolean eightBitMime,
        boolean smtpUtf8,
        boolean dsn,
        boolean startTls,
        boolean size,
        long sizeLimit) {
    static final Extensions NONE = new Extensions(false, false, false, false, false, false, false, false, 0);

    /** Reads the lines behind the first one of the reply to EHLO. */
    static Extensions of(Response hello) {
        List<String> lines = hello.lines().subList(1, hello.lines().size()).stream()
                .map(line -> line.strip().toUpperCase(Locale.ROOT))
                .toList();
        String size = lines.stream()
                .filter(line -> line.equals("SIZE") || line.startsWith("SIZE "))
                .findFirst()
                .orElse("");
        return new Extensions(
                lines.contains("PIPELINING"),
                lines.contains("CHUNKING"),
                lines.contains("BINARYMIME"),
                lines.contains("8BITMIME"),
                lines.contains("SMTPUTF8"),
                lines.contains("DSN"),
                lines.contains("STARTTLS"),
                !size.isEmpty(),
                limit(size));
    }

    private static long limit(String size) {
        String digits = size.length() > 5 ? size.substring(5).strip() : "";
        boolean number =
                !digits.isEmpty() && digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Long.parseLong(digits) : 0;
    }
}
