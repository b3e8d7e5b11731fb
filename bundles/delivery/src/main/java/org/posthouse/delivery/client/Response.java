// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.util.List;
import org.posthouse.api.Reply;

/**
 * What the other side said to one command.
 *
 * @param code 200 to 599
 * @param lines the texts of its lines, printable ASCII or valid UTF-8 made printable
 */
public record Response(int code, List<String> lines) {
    /** Enough for any explanation; what goes into log, queue and notice is bounded. */
    private static final int LONGEST = 900;

    public Response {
        lines = List.copyOf(lines);
    }

    boolean positive() {
        return code / 100 == 2;
    }

    /** As one reply: the lines joined, the enhanced code taken out where it is one of this class (RFC 2034 4). */
    public Reply reply() {
        String enhanced = enhanced(lines.get(0));
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            String rest = !enhanced.isEmpty() && line.startsWith(enhanced)
                    ? line.substring(enhanced.length()).stripLeading()
                    : line;
            if (!rest.isEmpty()) {
                text.append(text.isEmpty() ? "" : " ").append(rest);
            }
        }
        if (text.length() > LONGEST) {
            text.setLength(LONGEST);
        }
        return new Reply(code, enhanced, text.toString().strip());
    }

    private String enhanced(String line) {
        int end = line.indexOf(' ');
        String word = end < 0 ? line : line.substring(0, end);
        return isStatus(word) && word.charAt(0) == (char) ('0' + code / 100) ? word : "";
    }

    /** RFC 3463 2: class "." subject "." detail, with one to three digits each. */
    private static boolean isStatus(String word) {
        int dots = 0;
        int digits = 0;
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '.' && digits > 0 && dots < 2) {
                dots++;
                digits = 0;
            } else if (c >= '0' && c <= '9' && ++digits <= (dots == 0 ? 1 : 3)) {
                continue;
            } else {
                return false;
            }
        }
        return dots == 2 && digits > 0;
    }
}
