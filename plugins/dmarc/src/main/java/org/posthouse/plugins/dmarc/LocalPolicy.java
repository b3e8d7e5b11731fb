// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.posthouse.api.Verdict;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;

/** What is done about a judgement here (RFC 9989 5.4). */
final class LocalPolicy {
    private final Actions actions;
    private final boolean defers;

    /**
     * What the operator wants.
     *
     * @param actions how far owners are followed
     * @param defers whether mail that could not be judged is refused for now, where anything is enforced at all
     */
    LocalPolicy(Actions actions, boolean defers) {
        this.actions = actions;
        this.defers = defers;
    }

    /**
     * Rules on a message.
     *
     * @param judgement how it stands
     * @param alone whether the message has no other author domain
     * @param sample a number below 100 that belongs to the message
     * @param vouched asked for a trusted forwarder only when that could change anything
     */
    Ruling rule(Judgement judgement, boolean alone, int sample, Supplier<Optional<String>> vouched) {
        Action action = actions.of(judgement.author());
        return switch (judgement.result()) {
            case PASS, NONE -> nothing(judgement, List.of());
            case TEMPERROR -> unknown(judgement, alone, action);
            case FAIL -> failed(judgement, judgement.published().orElseThrow(), action, sample, vouched);
        };
    }

    private static Ruling nothing(Judgement judgement, List<Ruling.Reason> reasons) {
        return new Ruling(Verdict.next(), judgement.policy(), Policy.NONE, reasons);
    }

    // RFC 9989 4.10.1, 5.3.6: neither pass nor fail, so the policy can not be applied.
    private Ruling unknown(Judgement judgement, boolean alone, Action action) {
        boolean harmless = judgement.published().isPresent() && judgement.policy() == Policy.NONE;
        // Whoever adds an author whose DNS is slow leaves no time for the others, and must gain nothing by it.
        boolean waits = defers || !alone;
        if (!waits || action == Action.REPORT || harmless) {
            return nothing(judgement, List.of());
        }
        Verdict verdict = Verdict.defer("4.7.1", "DMARC for " + judgement.author() + " can not be checked now")
                .because(judgement.reason());
        return new Ruling(verdict, judgement.policy(), Policy.NONE, List.of());
    }

    private Ruling failed(
            Judgement judgement, Published published, Action action, int sample, Supplier<Optional<String>> vouched) {
        List<Ruling.Reason> reasons = new ArrayList<>();
        Policy evaluated = evaluated(judgement, published.record(), sample, reasons);
        if (evaluated == Policy.NONE) {
            return new Ruling(Verdict.next(), evaluated, Policy.NONE, reasons);
        }
        Optional<String> forwarder = vouched.get();
        if (forwarder.isPresent()) {
            reasons.add(new Ruling.Reason("local_policy", forwarder.get()));
            return new Ruling(
                    Verdict.next().because("dmarc fail, but " + forwarder.get()), evaluated, Policy.NONE, reasons);
        }
        Policy disposition = disposition(evaluated, action, reasons);
        return new Ruling(verdict(judgement.author(), evaluated, disposition), evaluated, disposition, reasons);
    }

    /** Never more than the owner asked for, so the tags of both RFCs make it milder, one of them at a time. */
    private static Policy evaluated(Judgement judgement, PolicyRecord record, int sample, List<Ruling.Reason> reasons) {
        Policy wanted = judgement.policy();
        if (wanted == Policy.NONE) {
            return wanted;
        }
        if (record.testing()) {
            reasons.add(new Ruling.Reason("policy_test_mode", "t=y"));
            return wanted.milder();
        }
        if (sample >= record.percent()) {
            reasons.add(new Ruling.Reason("other", "not sampled, pct=" + record.percent()));
            return wanted.milder();
        }
        return wanted;
    }

    private static Policy disposition(Policy evaluated, Action action, List<Ruling.Reason> reasons) {
        if (action == Action.REPORT) {
            reasons.add(new Ruling.Reason("local_policy", "report only"));
            return Policy.NONE;
        }
        if (action == Action.QUARANTINE_ONLY && evaluated == Policy.REJECT) {
            reasons.add(new Ruling.Reason("local_policy", "quarantine only"));
            return Policy.QUARANTINE;
        }
        return evaluated;
    }

    private static Verdict verdict(String author, Policy evaluated, Policy disposition) {
        String reason = "dmarc fail, policy of " + author + " is " + evaluated.word();
        return switch (disposition) {
            // RFC 9989 7.2: the word DMARC, and whose policy it is.
            case REJECT ->
                Verdict.reject("5.7.1", "Rejected by the DMARC policy of " + author)
                        .because(reason);
            case QUARANTINE -> Verdict.hold(reason);
            case NONE -> Verdict.next().because(reason + ", report only");
        };
    }
}
