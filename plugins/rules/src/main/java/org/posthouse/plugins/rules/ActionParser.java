// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.util.Locale;
import org.posthouse.api.Reply;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;

/**
 * Reads what a rule does. The grammar:
 *
 * <pre>
 * action    = "reject" [ code ] [ enhanced ] [ quoted ] | "defer" [ code ] [ enhanced ] [ quoted ]
 *           | "discard" | "hold" | "tag" name | "score" symbol number | "continue"
 * </pre>
 */
final class ActionParser {
    private final Cursor in;
    private final Stage stage;

    ActionParser(Cursor in, Stage stage) {
        this.in = in;
        this.stage = stage;
    }

    Action action() throws RuleException {
        int column = in.column();
        String word = in.name().toLowerCase(Locale.ROOT);
        return switch (word) {
            case "reject" -> new Action.End(word, new Verdict.Reject(reply('5', 550, "Refused by local policy"), ""));
            case "defer" -> new Action.End(word, new Verdict.Defer(reply('4', 451, "Refused for now, try later"), ""));
            case "discard" -> new Action.End(at(Stage.DATA, column, word), Verdict.discard());
            case "hold" -> new Action.End(at(Stage.DATA, column, word), Verdict.hold(""));
            case "tag" -> {
                at(Stage.MAIL, column, word);
                yield new Action.Tag(name("the word of the tag"));
            }
            case "score" -> {
                at(Stage.MAIL, column, word);
                String symbol = name("the symbol of the score");
                int points = in.column();
                yield new Action.Score(symbol, Values.number(points, in.value("a number of points")));
            }
            case "continue" -> new Action.End(word, Verdict.next());
            default -> throw in.back(column).expected("reject, defer, discard, hold, tag, score or continue");
        };
    }

    private String at(Stage first, int column, String word) throws RuleException {
        if (stage.compareTo(first) < 0) {
            String since = first.name().toLowerCase(Locale.ROOT);
            throw new RuleException(column, "'" + word + "' has no meaning before the stage " + since);
        }
        return word;
    }

    private String name(String what) throws RuleException {
        String name = in.name();
        if (name.isEmpty()) {
            throw in.expected(what);
        }
        return name;
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
