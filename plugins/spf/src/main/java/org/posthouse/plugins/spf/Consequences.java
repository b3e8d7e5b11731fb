// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;

/** What the operator wants done about each result: a verdict, and points. */
final class Consequences {
    private static final int LONGEST_EXPLANATION = 300;

    /** What is done about a result. */
    enum Action {
        MARK,
        REJECT,
        DEFER;

        static Action of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    private final Map<Result, Action> actions = new EnumMap<>(Result.class);
    private final Map<Result, Double> points = new EnumMap<>(Result.class);

    Consequences(Spf.Config config) {
        actions.put(Result.FAIL, Action.of(config.onFail()));
        actions.put(Result.SOFTFAIL, Action.of(config.onSoftfail()));
        actions.put(Result.PERMERROR, Action.of(config.onPermerror()));
        actions.put(Result.TEMPERROR, Action.of(config.onTemperror()));
        points.put(Result.NONE, config.scoreNone());
        points.put(Result.NEUTRAL, config.scoreNeutral());
        points.put(Result.PASS, config.scorePass());
        points.put(Result.FAIL, config.scoreFail());
        points.put(Result.SOFTFAIL, config.scoreSoftfail());
        points.put(Result.TEMPERROR, config.scoreTemperror());
        points.put(Result.PERMERROR, config.scorePermerror());
    }

    /** Whether a fail is told to the client, so that its explanation is of use. */
    boolean refusesFail() {
        return action(Result.FAIL) != Action.MARK;
    }

    double points(Result result) {
        return points.getOrDefault(result, 0.0);
    }

    /** The symbol of the score. */
    static String symbol(Result result) {
        return "SPF_" + result.name();
    }

    private Action action(Result result) {
        return actions.getOrDefault(result, Action.MARK);
    }

    Verdict verdict(Identity identity, Judgement judgement) {
        Action action = action(judgement.result());
        if (action == Action.MARK) {
            return Verdict.next();
        }
        // RFC 7372 3.2: 7.23 the check fails, 7.24 it can not be made.
        boolean error = judgement.result() == Result.PERMERROR || judgement.result() == Result.TEMPERROR;
        String detail = error ? ".7.24" : ".7.23";
        String text = text(identity, judgement);
        String reason = "spf " + judgement.result().word() + " for " + identity.property() + " " + identity + ": "
                + judgement.why();
        return action == Action.REJECT
                ? new Verdict.Reject(new Reply(550, "5" + detail, text), reason)
                : new Verdict.Defer(new Reply(451, "4" + detail, text), reason);
    }

    private static String text(Identity identity, Judgement judgement) {
        String domain = Printed.ascii(identity.domain());
        return switch (judgement.result()) {
            case PERMERROR -> "The SPF record of " + domain + " can not be understood";
            case TEMPERROR -> "The SPF record of " + domain + " can not be read now";
            // RFC 7208 6.2: it must be seen who says it.
            default ->
                judgement.explanation().isEmpty()
                        ? "SPF validation failed"
                        : "SPF validation failed, " + domain + " explains: "
                                + Printed.cut(Printed.ascii(judgement.explanation()), LONGEST_EXPLANATION);
        };
    }
}
