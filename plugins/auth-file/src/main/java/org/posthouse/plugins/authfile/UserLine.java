// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of the file: {@code name hash [scram=…] [senders=a,b] [disabled]}. Lines are kept as octets (ISO 8859-1), so that one
 * that is no UTF-8 stays what it is.
 */
final class UserLine {
    private UserLine() {}

    /** Whether a line is empty or a comment. */
    static boolean isComment(String line) {
        return line.isBlank() || line.stripLeading().startsWith("#");
    }

    /** The name in a line, in lower case, whatever stands behind it; empty when it has none. */
    static String name(String line) {
        return line.isBlank() ? "" : octets(unpadded(line)[0]).toLowerCase(Locale.ROOT);
    }

    private static String[] unpadded(String line) {
        return line.strip().split("[ \t]+", -1);
    }

    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    static User parse(String line) throws DamagedLine {
        String[] words = unpadded(unicode(line));
        if (words.length < 2) {
            throw new DamagedLine("no hash");
        }
        String name = Spelling.name(words[0]);
        Hash hash = Hash.parse(words[1]);
        ScramRecord scram = null;
        List<String> senders = List.of();
        boolean disabled = false;
        for (String word : List.of(words).subList(2, words.length)) {
            if (word.startsWith("scram=")) {
                scram = ScramRecord.parse(word.substring("scram=".length()));
            } else if (word.startsWith("senders=")) {
                senders = Spelling.senders(
                        List.of(word.substring("senders=".length()).split(",", -1)));
            } else if (word.equals("disabled")) {
                disabled = true;
            } else {
                throw new DamagedLine("a word that means nothing behind the hash");
            }
        }
        return new User(name, hash, scram, senders, disabled);
    }

    private static String unicode(String line) throws DamagedLine {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DamagedLine("not UTF-8");
        }
    }

    /** The line of a user, octets as ISO 8859-1. */
    static String text(User user) {
        StringBuilder line = new StringBuilder();
        line.append(user.name()).append(' ').append(user.hash().text());
        @Nullable ScramRecord scram = user.scram();
        if (scram != null) {
            line.append(" scram=").append(scram.text());
        }
        if (!user.senders().isEmpty()) {
            line.append(" senders=").append(String.join(",", user.senders()));
        }
        if (user.disabled()) {
            line.append(" disabled");
        }
        return new String(line.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
