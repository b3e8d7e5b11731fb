// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.util.Locale;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.conditions.Cursor;
import org.posthouse.conditions.ReplyParser;
import org.posthouse.conditions.RuleException;
import org.posthouse.conditions.Values;

/**
 * Reads what a rule does. The grammar:
 *
 * <pre>
 * action    = "reject" reply | "defer" reply
 *           | "discard" | "hold" | "tag" name | "score" symbol number | "continue"
 * </pre>
 *
 * A reply is what {@link ReplyParser} reads.
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
            case "reject" -> new Action.End(word, new Verdict.Reject(new ReplyParser(in).permanent(), ""));
            case "defer" -> new Action.End(word, new Verdict.Defer(new ReplyParser(in).temporary(), ""));
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
}
