// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import org.posthouse.api.Reply;

/**
 * Reads what a client is told when a rule refuses. The grammar:
 *
 * <pre>
 * reply     = [ code ] [ enhanced ] [ quoted ]
 * </pre>
 */
public final class ReplyParser {
    private final Cursor in;

    /** Reads on. */
    public ReplyParser(Cursor in) {
        this.in = in;
    }

    /** A permanent refusal (5yz). */
    public Reply permanent() throws RuleException {
        return reply('5', 550, "Refused by local policy");
    }

    /** A refusal for now (4yz). */
    public Reply temporary() throws RuleException {
        return reply('4', 451, "Refused for now, try later");
    }

    private Reply reply(char kind, int standard, String standardText) throws RuleException {
        int code = standard;
        String enhanced = kind + ".7.1";
        int column = in.column();
        String word = in.digitIsNext() ? in.name() : "";
        if (word.matches("[0-9]{3}")) {
            code = Integer.parseInt(word);
            // RFC 5321 4.2.1 knows second digits up to 5; 421 closes the connection, which is more than a rule may do.
            if (word.charAt(0) != kind || word.charAt(1) > '5' || code == 421) {
                throw in.back(column).expected("a code such as " + standard);
            }
            column = in.column();
            word = in.digitIsNext() ? in.name() : "";
        }
        // RFC 3463 2: class, subject and detail; the class is that of the code.
        if (word.matches(kind + "\\.[0-9]{1,3}\\.[0-9]{1,3}")) {
            enhanced = word;
        } else if (!word.isEmpty()) {
            throw in.back(column).expected("an enhanced code such as " + kind + ".7.1");
        }
        return new Reply(code, enhanced, in.quoteIsNext() ? text() : standardText);
    }

    /** RFC 5321 4.2: the text of a reply is printable ASCII. */
    private String text() throws RuleException {
        int column = in.column();
        String text = in.value("a text in quotes");
        if (text.isBlank() || text.length() > 200 || !text.chars().allMatch(c -> c >= 32 && c < 127)) {
            throw new RuleException(column, "the text of a reply is 1 to 200 characters of ASCII");
        }
        return text;
    }
}
