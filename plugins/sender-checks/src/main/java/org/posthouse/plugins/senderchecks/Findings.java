// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

/** What was found in one transaction, and what comes of it: of several refusals the hardest, and of equal ones the first. */
final class Findings {
    private final Map<Check, Action> actions;
    private final double points;
    private final Transaction tx;
    private final MeterRegistry meters;
    private Verdict verdict = Verdict.next();

    Findings(Map<Check, Action> actions, double points, Transaction tx, MeterRegistry meters) {
        this.actions = actions;
        this.points = points;
        this.tx = tx;
        this.meters = meters;
    }

    /** Something is wrong with this text. */
    void add(Check check, String text) {
        Action action = actions.getOrDefault(check, Action.OFF);
        if (action == Action.OFF) {
            return;
        }
        meters.counter(
                        "posthouse.sender.findings",
                        "check",
                        check.word(),
                        "action",
                        action.name().toLowerCase(Locale.ROOT))
                .increment();
        if (action == Action.SCORE) {
            tx.score(check.symbol(), points);
        } else {
            refuse((action == Action.REJECT ? check.reject() : check.defer()).because(check.word() + ": " + text));
        }
    }

    /** It can not be told now whether this is wrong, and somebody would be refused if it were. */
    void unknown(String text) {
        meters.counter("posthouse.sender.findings", "check", "dns", "action", "defer")
                .increment();
        // RFC 3463 3.5: X.4.3 is a directory server that fails.
        refuse(Verdict.defer("4.4.3", "Name can not be looked up now, try again later")
                .because("no answer from DNS: " + text));
    }

    private void refuse(Verdict refusal) {
        if (!(verdict instanceof Verdict.Reject) && (refusal instanceof Verdict.Reject || !refused())) {
            verdict = refusal;
        }
    }

    /** Whether nothing that is found from now on can change the verdict. */
    boolean rejected() {
        return verdict instanceof Verdict.Reject;
    }

    private boolean refused() {
        return verdict instanceof Verdict.Refusal;
    }

    Verdict verdict() {
        return verdict;
    }
}
