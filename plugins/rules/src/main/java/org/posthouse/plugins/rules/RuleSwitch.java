// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command.Parameter;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;

/** What the commands that name a rule have in common. */
final class RuleSwitch {
    static final String GROUP = "rule";
    static final List<Parameter> ID =
            List.of(Parameter.required("id", "The id of the rule, or the beginning of it, as the list shows it."));

    private final Shelf shelf;
    private final List<Rule> configured;

    RuleSwitch(Shelf shelf, List<Rule> configured) {
        this.shelf = shelf;
        this.configured = configured;
    }

    /** Switches the named rule on or off. */
    Table flip(Arguments arguments, boolean on) throws CommandException {
        Book book = shelf.book();
        Set<String> fixed = configured.stream().map(Rule::id).collect(Collectors.toSet());
        Set<String> ids = added(book);
        ids.addAll(fixed);
        String id = one(arguments, ids);
        shelf.change(now -> now.pruned(fixed).switched(id, on));
        return Table.says("Rule " + id + " is " + (on ? "on" : "off") + " on every node within a second.");
    }

    /** Removes the named rule, which must have been added at run time. */
    Table remove(Arguments arguments) throws CommandException {
        Set<String> added = added(shelf.book());
        String asked = arguments.text("id");
        Optional<Rule> fixed = configured.stream()
                .filter(rule -> !asked.isEmpty() && rule.id().startsWith(asked))
                .findFirst();
        if (fixed.isPresent() && added.stream().noneMatch(id -> id.startsWith(asked))) {
            throw new CommandException("Rule " + fixed.get().id()
                    + " stands in plugins/rules.yaml: remove it there, or switch it off with 'rule off'.");
        }
        String id = one(arguments, added);
        shelf.change(now -> now.without(id));
        return Table.says("Rule " + id + " is gone.");
    }

    private static Set<String> added(Book book) {
        Set<String> ids = new TreeSet<>();
        book.entries().forEach(entry -> ids.add(entry.id()));
        return ids;
    }

    private static String one(Arguments arguments, Set<String> ids) throws CommandException {
        String asked = arguments.text("id").strip();
        List<String> found = ids.stream()
                .filter(id -> !asked.isEmpty() && id.startsWith(asked))
                .toList();
        if (found.size() != 1) {
            throw new CommandException(
                    found.isEmpty()
                            ? "There is no rule '" + asked + "'; 'rule list' shows them all."
                            : "'" + asked + "' could be any of " + found + ".");
        }
        return found.getFirst();
    }
}
