// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.posthouse.api.Edit;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

/**
 * What earlier answers want done to the message once it is there.
 *
 * @param actions in the order in which they came
 */
record Marks(List<Action> actions) {
    /** Nothing. */
    static final Marks NONE = new Marks(List.of());

    /** More than this of one message is not kept: a server that answers each recipient so would fill the memory. */
    private static final int MOST = 1000;

    Marks {
        actions = List.copyOf(actions);
    }

    /** Reads what {@link #lines} wrote. */
    static Marks parse(String lines) {
        return new Marks(lines.lines().map(Action::parse).toList());
    }

    /** The actions as a policy server says them, one per line. */
    String lines() {
        return actions.stream().map(Marks::line).collect(Collectors.joining("\n"));
    }

    private static String line(Action action) {
        return switch (action) {
            case Action.Hold hold -> "HOLD " + hold.reason();
            case Action.Discard discard -> "DISCARD " + discard.reason();
            case Action.Prepend prepend -> "PREPEND " + prepend.name() + ": " + prepend.value();
            case Action.Redirect redirect -> "REDIRECT " + redirect.address();
            case Action.Bcc bcc -> "BCC " + bcc.address();
            case Action.Dunno none -> "DUNNO";
            case Action.Refuse none -> "DUNNO";
            case Action.Tell none -> "DUNNO";
            case Action.Unknown none -> "DUNNO";
        };
    }

    /** These and one more; what is there already is not kept twice, as for each recipient of a message. */
    Marks plus(Action action) {
        if (actions.contains(action) || actions.size() >= MOST) {
            return this;
        }
        List<Action> more = new ArrayList<>(actions);
        more.add(action);
        return new Marks(more);
    }

    /** These behind those. */
    Marks behind(Marks before) {
        Marks all = before;
        for (Action action : actions) {
            all = all.plus(action);
        }
        return all;
    }

    /** Stages the edits and gives back what is said of the message. */
    Verdict apply(Transaction tx) {
        Verdict verdict = Verdict.next();
        Optional<Action.Redirect> redirect = Optional.empty();
        for (Action action : actions) {
            switch (action) {
                case Action.Prepend prepend -> tx.edit(Edit.prependHeader(prepend.name(), prepend.value()));
                case Action.Bcc bcc ->
                    // As Postfix does: nobody is to learn of the copy, so no notice speaks of it.
                    tx.edit(new Edit.AddRecipient(new Recipient(bcc.address(), "NEVER", "")));
                case Action.Redirect last -> redirect = Optional.of(last);
                case Action.Hold hold -> verdict = Verdict.hold(hold.reason());
                case Action.Discard discard ->
                    verdict = verdict instanceof Verdict.Hold
                            ? verdict
                            : Verdict.discard().because(discard.reason());
                case Action.Dunno none -> {}
                case Action.Refuse none -> {}
                case Action.Tell none -> {}
                case Action.Unknown none -> {}
            }
        }
        redirect.ifPresent(to -> {
            tx.recipients().forEach(one -> tx.edit(new Edit.RemoveRecipient(one.address())));
            tx.edit(new Edit.AddRecipient(Recipient.of(to.address())));
        });
        return verdict;
    }
}
