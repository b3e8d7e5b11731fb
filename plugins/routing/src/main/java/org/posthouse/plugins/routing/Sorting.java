// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.conditions.Scene;

/**
 * The recipients of one envelope, sorted: those who move leave in envelopes of their own, one for each so that none learns of
 * another; those whose mail is held keep this one, and then the rest leaves it.
 */
final class Sorting {
    private static final int MOST_REASONS = 3;

    private final Transaction tx;
    private final Message message;
    private final Trail trail;
    private final Map<Address, Recipient> seats = new LinkedHashMap<>();
    private final Set<Address> staying = new LinkedHashSet<>();
    private final Set<String> held = new LinkedHashSet<>();
    private final Consumer<String> counted;

    Sorting(Transaction tx, Message message, Consumer<String> counted) {
        this.tx = tx;
        this.message = message;
        this.trail = new Trail(message.headers());
        this.counted = counted;
        tx.recipients().forEach(recipient -> seats.putIfAbsent(recipient.address(), recipient));
    }

    Verdict sort(RouteRules rules, Srs srs, ReversePaths paths) {
        for (Recipient recipient : seats.values()) {
            if (srs.claims(recipient.address())) {
                reverse(recipient.address(), srs);
            } else {
                Optional<RouteRule> rule = rules.of(new Scene(tx.session(), tx, recipient, message));
                rule.ifPresentOrElse(found -> apply(found, recipient, paths), () -> staying.add(recipient.address()));
            }
        }
        if (held.isEmpty()) {
            return Verdict.next();
        }
        if (!staying.isEmpty()) {
            tx.edit(new Edit.Split(List.copyOf(staying), Optional.empty(), List.of()));
        }
        return Verdict.hold(String.join("; ", held.stream().limit(MOST_REASONS).toList()));
    }

    private void reverse(Address address, Srs srs) {
        switch (srs.reverse(address)) {
            case Srs.Reversed.Valid valid -> {
                counted.accept("reverse");
                if (seats.containsKey(valid.original())) {
                    tx.edit(new Edit.RemoveRecipient(address));
                } else {
                    tx.edit(new Edit.ReplaceRecipient(address, List.of(valid.original())));
                    staying.add(valid.original());
                }
            }
            // It was good when it was accepted, or nobody asked: a notice of our own.
            case Srs.Reversed.Invalid invalid -> hold("unreversed", invalid.reason());
        }
    }

    private void apply(RouteRule rule, Recipient recipient, ReversePaths paths) {
        switch (rule.action()) {
            case RouteAction.Deliver deliver -> {
                counted.accept(deliver.word());
                staying.add(recipient.address());
            }
            case RouteAction.Quarantine quarantine -> hold(quarantine.word(), rule.reason());
            case RouteAction.Move move -> move(rule, move, recipient, paths);
            case RouteAction.Reject reject -> {
                if (tx.session().profile().equals("internal")) {
                    // A notice of our own has nobody who could be told.
                    staying.add(recipient.address());
                } else {
                    hold("late", rule.reason() + " would have refused it, but applied too late");
                }
            }
        }
    }

    private void hold(String word, String reason) {
        counted.accept(word);
        held.add(reason);
    }

    private void move(RouteRule rule, RouteAction.Move move, Recipient recipient, ReversePaths paths) {
        Address address = recipient.address();
        List<Address> targets = new ArrayList<>(move.targets(address));
        boolean keeps = targets.remove(address) || move.keeps();
        if (targets.isEmpty()) {
            staying.add(address);
            return;
        }
        if (trail.knows(address)) {
            hold("loop", rule.reason() + ": it was here before, for " + address);
            return;
        }
        Address sender = tx.sender().address();
        Optional<Address> path = move.rewrites() ? paths.of(sender) : Optional.of(sender);
        if (path.isEmpty()) {
            hold("unrewritten", rule.reason() + ": the reverse-path would be too long");
            return;
        }
        counted.accept(move.word());
        tx.edit(new Edit.Split(
                List.of(address),
                path.filter(own -> !own.equals(sender)),
                List.of(new Edit.ReplaceRecipient(address, targets), Trail.mark(address))));
        if (keeps) {
            tx.edit(new Edit.AddRecipient(recipient));
            staying.add(address);
        }
    }
}
