// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Stage;
import org.posthouse.conditions.Condition;
import org.posthouse.conditions.ConditionParser;
import org.posthouse.conditions.Cursor;
import org.posthouse.conditions.RuleException;
import org.posthouse.conditions.Values;

/**
 * Reads a rule. The grammar:
 *
 * <pre>
 * rule      = stage ":" condition "-&gt;" action [ "until" time ] [ "#" comment ]
 * stage     = "connect" | "helo" | "mail" | "rcpt" | "data"
 * </pre>
 *
 * A condition is what {@link ConditionParser} reads.
 */
final class RuleParser {
    private static final Map<String, Stage> STAGES = Map.of(
            "connect", Stage.CONNECT, "helo", Stage.HELO, "mail", Stage.MAIL, "rcpt", Stage.RCPT, "data", Stage.DATA);

    private final Cursor in;
    private final Stage stage;

    private RuleParser(Cursor in, Stage stage) {
        this.in = in;
        this.stage = stage;
    }

    /** Reads the text of a rule. */
    static Rule parse(String written) throws RuleException {
        String text = ConditionParser.checked(written);
        Cursor in = new Cursor(text);
        return new RuleParser(in, stage(in)).rule(text);
    }

    private static Stage stage(Cursor in) throws RuleException {
        int column = in.column();
        Stage stage = STAGES.get(in.name().toLowerCase(Locale.ROOT));
        if (stage == null) {
            throw in.back(column).expected("a stage: connect, helo, mail, rcpt or data");
        }
        if (!in.eat(":")) {
            throw in.expected("':' behind the stage");
        }
        return stage;
    }

    private Rule rule(String text) throws RuleException {
        Condition condition = new ConditionParser(in, stage).condition();
        if (!in.eat("->")) {
            throw in.expected("'and', 'or' or '->'");
        }
        Action action = new ActionParser(in, stage).action();
        Optional<Instant> until = Optional.empty();
        if (in.eatWord("until")) {
            int column = in.column();
            until = Optional.of(Values.time(column, in.value("a time such as 2026-12-01T00:00Z")));
        }
        String comment = in.comment();
        if (!in.end()) {
            throw in.expected("'until', '#' or the end of the rule");
        }
        return new Rule(text, stage, condition, action, until, comment);
    }
}
