// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.Reply;

/**
 * Reads the reply that a milter wants to be given to the client: {@code 550 5.7.1 text}, or several such lines.
 *
 * <p>Sendmail takes it as a format, so milters double each {@code %}; as in Postfix a doubled one is one, and a single one is
 * left out. A reply has one text here: the texts of the lines are joined.
 */
final class ReplyText {
    // RFC 5321 4.5.3.1.5: a reply line has 512 octets at most, code, enhanced code and CRLF among them.
    private static final int MOST_TEXT = 480;
    private static final Pattern LINE =
            Pattern.compile("([45]\\d\\d)(?:[ -](?:([45]\\.\\d{1,3}\\.\\d{1,3})(?: +|$))?(.*))?", Pattern.DOTALL);

    private ReplyText() {}

    static Reply parse(byte[] octets) throws MalformedAnswer {
        int end = octets.length;
        while (end > 0 && octets[end - 1] == 0) {
            end--;
        }
        String code = "";
        String enhanced = "";
        List<String> texts = new ArrayList<>();
        for (String line : new String(octets, 0, end, StandardCharsets.UTF_8).split("\r?\n", -1)) {
            Matcher parts = LINE.matcher(line);
            if (parts.matches() && (code.isEmpty() || code.equals(parts.group(1)))) {
                code = parts.group(1);
                enhanced = parts.group(2) == null ? enhanced : parts.group(2);
                line = parts.group(3) == null ? "" : parts.group(3);
            } else if (code.isEmpty()) {
                throw new MalformedAnswer("a reply that does not begin with a code");
            }
            if (!line.isBlank()) {
                texts.add(line.strip());
            }
        }
        // An enhanced code of another class than the code says nothing (RFC 2034 4).
        boolean fits = !enhanced.isEmpty() && enhanced.charAt(0) == code.charAt(0);
        return new Reply(Integer.parseInt(code), fits ? enhanced : "", printable(String.join(" ", texts)));
    }

    private static String printable(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length() && plain.length() < MOST_TEXT; i++) {
            char c = text.charAt(i);
            if (c == '%') {
                i++;
                c = i < text.length() ? text.charAt(i) : ' ';
            }
            plain.append(c >= ' ' && c < 127 ? c : '?');
        }
        return plain.toString().strip();
    }
}
