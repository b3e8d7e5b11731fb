// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

/** How names, passwords and senders are written: as the server prepares what clients say (NFKC), names in lower case. */
final class Spelling {
    private static final int NAME_LIMIT = 255;

    private Spelling() {}

    static String name(String text) throws DamagedLine {
        String name = prepared(text).toLowerCase(Locale.ROOT);
        if (name.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > NAME_LIMIT
                || name.startsWith("#")
                || name.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw new DamagedLine("a name has 1 to 255 octets, no space, no control character, no # in front");
        }
        return name;
    }

    static List<String> senders(List<String> texts) throws DamagedLine {
        for (String text : texts) {
            boolean whole = text.equals("*") || (text.indexOf('@') >= 0 && text.indexOf('@') < text.length() - 1);
            if (!whole || text.chars().anyMatch(c -> c == ',' || c <= ' ' || c == 127)) {
                throw new DamagedLine("a sender is an address, @domain or *");
            }
        }
        return texts.stream().map(t -> t.toLowerCase(Locale.ROOT)).toList();
    }

    /** A password or name in the one form of it that is compared. */
    static String prepared(String text) {
        StringBuilder out = new StringBuilder(text.length());
        Normalizer.normalize(text, Normalizer.Form.NFKC)
                .chars()
                .forEach(c -> out.append(Character.isSpaceChar(c) ? ' ' : (char) c));
        return out.toString();
    }
}
