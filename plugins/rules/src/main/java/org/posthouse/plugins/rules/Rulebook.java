// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.posthouse.api.Stage;
import org.posthouse.conditions.RuleException;

/**
 * The rules in force by stage: those that operators added, in the order in which they were added, then those of the
 * configuration in theirs. Asking costs no look-up in the shared state: {@link #refresh()} is for a thread of its own.
 */
final class Rulebook {
    private final Shelf shelf;
    private final List<Rule> configured;
    private final Clock clock;
    /** All rules met so far and not gone, by text: they are compiled once, and keep their hits while they are switched. */
    private final Map<String, LiveRule> met = new HashMap<>();

    private String read = "";
    private volatile Map<Stage, List<LiveRule>> inForce;
    private volatile Set<String> unreadable = Set.of();

    Rulebook(Shelf shelf, List<Rule> configured, Clock clock) {
        this.shelf = shelf;
        this.configured = configured;
        this.clock = clock;
        configured.forEach(rule -> met.put(rule.text(), new LiveRule(rule)));
        this.inForce = compiled(Book.EMPTY);
        refresh();
    }

    /** The rules of the stage that apply one after the other; expired ones do not. */
    List<LiveRule> at(Stage stage) {
        return inForce.getOrDefault(stage, List.of());
    }

    /** The ids of rules on the shelf that this version can not read. */
    Set<String> unreadable() {
        return unreadable;
    }

    /** Reads the shelf when it changed or a rule on it is over, and puts new hits there. */
    synchronized void refresh() {
        String text = shelf.text();
        Book book = Book.of(text).at(clock.instant());
        String now = book.text();
        if (!now.equals(read)) {
            inForce = compiled(book);
            read = now;
        }
        for (LiveRule rule : List.copyOf(met.values())) {
            rule.shelve(shelf);
        }
        forget(book);
    }

    private Map<Stage, List<LiveRule>> compiled(Book book) {
        Map<Stage, List<LiveRule>> compiled = new EnumMap<>(Stage.class);
        Set<String> wrong = new TreeSet<>();
        for (Book.Entry entry : book.entries()) {
            if (isConfigured(entry.text())) {
                // Tried at run time and then written down: it is one rule, and the end of the trial is not its end.
                continue;
            }
            Optional<LiveRule> rule = meet(entry.text());
            rule.ifPresent(live -> {
                live.endsAt(entry.until());
                put(compiled, live, book);
            });
            if (rule.isEmpty()) {
                wrong.add(entry.id());
            }
        }
        for (Rule rule : configured) {
            meet(rule.text()).ifPresent(live -> put(compiled, live, book));
        }
        unreadable = Set.copyOf(wrong);
        return compiled;
    }

    private boolean isConfigured(String text) {
        return configured.stream().anyMatch(rule -> rule.text().equals(text));
    }

    private Optional<LiveRule> meet(String text) {
        LiveRule known = met.get(text);
        if (known == null) {
            try {
                known = new LiveRule(RuleParser.parse(text));
                met.put(text, known);
            } catch (RuleException e) {
                // Commands check what they put there: this was written by another version.
                return Optional.empty();
            }
        }
        return Optional.of(known);
    }

    private static void put(Map<Stage, List<LiveRule>> compiled, LiveRule rule, Book book) {
        if (!book.off().contains(rule.rule().id())) {
            compiled.computeIfAbsent(rule.rule().stage(), stage -> new ArrayList<>())
                    .add(rule);
        }
    }

    private void forget(Book book) {
        Set<String> texts = new TreeSet<>();
        book.entries().forEach(entry -> texts.add(entry.text()));
        configured.forEach(rule -> texts.add(rule.text()));
        met.keySet().retainAll(texts);
    }
}
