// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;
import org.posthouse.conditions.RuleException;
import org.posthouse.conditions.Values;

/** {@code posthouse rule add}. */
@Component(configurationPid = "rules", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class RuleAdd implements Command {
    /** Every transaction asks them all. */
    static final int MOST = 200;

    private static final Duration LONGEST = Duration.ofDays(3650);

    private final Shelf shelf;
    private final List<Rule> configured;
    private final Clock clock;

    @Activate
    public RuleAdd(@Reference SharedState state, Rules.Config config) {
        this(state, config, Clock.systemUTC());
    }

    RuleAdd(SharedState state, Rules.Config config, Clock clock) {
        this.shelf = new Shelf(state, clock);
        this.configured = ConfiguredRules.parse(config.rules());
        this.clock = clock;
    }

    @Override
    public String group() {
        return RuleSwitch.GROUP;
    }

    @Override
    public String name() {
        return "add";
    }

    @Override
    public String help() {
        return "Adds a rule, which is asked before those of the configuration.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("rule", "The rule in one line, such as 'mail: from = *@spam.example -> reject'."),
                Parameter.optional(
                        "for",
                        "How long it counts, such as 30m, 4h or 7d; without it until the 'until' of the rule, or 7d."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        Rule rule = rule(arguments.text("rule"));
        Instant end = end(rule, arguments.optional("for"));
        if (configured.stream().anyMatch(other -> other.id().equals(rule.id()))) {
            throw new CommandException("Rule " + rule.id() + " stands in plugins/rules.yaml already.");
        }
        Book book = shelf.book();
        if (book.entries().size() >= MOST && !book.has(rule.id())) {
            throw new CommandException("There are " + MOST + " run-time rules already; remove one first.");
        }
        shelf.change(now -> now.with(new Book.Entry(end, rule.text())));
        return Table.says("Rule " + rule.id() + " counts on every node within a second, until " + end + ".");
    }

    private static Rule rule(String text) throws CommandException {
        try {
            return RuleParser.parse(text);
        } catch (RuleException e) {
            throw new CommandException("That is no rule: " + e.getMessage() + ".");
        }
    }

    private Instant end(Rule rule, Optional<String> span) throws CommandException {
        Instant now = clock.instant();
        Instant end = rule.until().orElse(now.plus(Duration.ofDays(7)));
        if (span.isPresent()) {
            try {
                Instant asked = now.plus(Values.span(span.get()));
                end = rule.until().filter(asked::isAfter).orElse(asked);
            } catch (IllegalArgumentException e) {
                throw new CommandException("--for: " + e.getMessage() + ".");
            }
        }
        if (!end.isAfter(now) || end.isAfter(now.plus(LONGEST))) {
            throw new CommandException("The rule would end at " + end + "; that must be within the next ten years.");
        }
        return end.truncatedTo(java.time.temporal.ChronoUnit.MILLIS);
    }
}
