// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.posthouse.api.Address;
import org.posthouse.api.Stage;
import org.posthouse.conditions.Condition;
import org.posthouse.conditions.ConditionParser;
import org.posthouse.conditions.Cursor;
import org.posthouse.conditions.Field;
import org.posthouse.conditions.ReplyParser;
import org.posthouse.conditions.RuleException;

/**
 * Reads a rule. The grammar:
 *
 * <pre>
 * rule      = condition "-&gt;" action [ "#" comment ]
 * action    = "reject" reply | "quarantine" | "deliver"
 *           | ( "redirect" | "forward" ) list [ "keep" ]
 * </pre>
 *
 * A condition is what {@link ConditionParser} reads, a reply what {@link ReplyParser} reads.
 */
final class RouteRuleParser {
    private final Cursor in;

    private RouteRuleParser(Cursor in) {
        this.in = in;
    }

    /**
     * Reads all rules.
     *
     * @throws IllegalArgumentException when one is none; the message has all findings with number and column
     */
    static List<RouteRule> parse(String... texts) {
        List<RouteRule> rules = new ArrayList<>();
        List<String> findings = new ArrayList<>();
        for (int number = 1; number <= texts.length; number++) {
            try {
                Cursor in = new Cursor(ConditionParser.checked(texts[number - 1]));
                rules.add(new RouteRuleParser(in).rule(number));
            } catch (RuleException e) {
                findings.add("rule " + number + ", " + e.getMessage());
            }
        }
        if (!findings.isEmpty()) {
            throw new IllegalArgumentException("rules: " + String.join("; ", findings));
        }
        return List.copyOf(rules);
    }

    private RouteRule rule(int number) throws RuleException {
        Condition condition = new ConditionParser(in, Stage.QUEUE).condition();
        if (!in.eat("->")) {
            throw in.expected("'and', 'or' or '->'");
        }
        int column = in.column();
        RouteAction action = action();
        if (action instanceof RouteAction.Reject && condition.asks(EnumSet.of(Field.SCORE))) {
            throw new RuleException(
                    column, "scores are not summed up yet when mail is refused; score-policy does that");
        }
        String comment = in.comment();
        if (!in.end()) {
            throw in.expected("'#' or the end of the rule");
        }
        return new RouteRule(number, condition, action, comment);
    }

    private RouteAction action() throws RuleException {
        int column = in.column();
        return switch (in.name().toLowerCase(Locale.ROOT)) {
            case "reject" -> new RouteAction.Reject(new ReplyParser(in).permanent());
            case "quarantine" -> new RouteAction.Quarantine();
            case "deliver" -> new RouteAction.Deliver();
            case "redirect" -> move(false);
            case "forward" -> move(true);
            default -> throw in.back(column).expected("reject, quarantine, redirect, forward or deliver");
        };
    }

    private RouteAction move(boolean rewrites) throws RuleException {
        List<Address> targets = new ArrayList<>();
        boolean many = in.eat("(");
        do {
            int column = in.column();
            targets.add(target(column, in.value("an address")));
        } while (many && in.eat(","));
        if (many && !in.eat(")")) {
            throw in.expected("',' or ')'");
        }
        return new RouteAction.Move(targets, in.eatWord("keep"), rewrites);
    }

    private static Address target(int column, String text) throws RuleException {
        Address address = Address.of(text);
        boolean domain = address.domain().matches("[^\\s<>@\"(),;:\\\\]+")
                && !address.domain().contains("*");
        boolean local = address.local().equals("*")
                || !address.local().contains("*")
                        && LocalPart.wire(LocalPart.text(address.local())).equals(address.local());
        if (!domain || !local) {
            throw new RuleException(
                    column, "expected an address such as anna@example.org or *@example.org, not '" + text + "'");
        }
        return address;
    }
}
