// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimverify;

import java.util.List;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.mailauth.dkim.Check;
import org.posthouse.mailauth.dkim.Result;

/** What the checks of a message mean for it: as shipped, nothing (RFC 6376 6.3). */
final class Consequences {
    private final String onFail;
    private final boolean defers;
    private final double passPoints;
    private final double failPoints;
    private final double unusablePoints;
    private final double nonePoints;

    Consequences(DkimVerify.Config config) {
        onFail = config.onFail();
        defers = config.onTemporary().equals("defer");
        passPoints = config.passPoints();
        failPoints = config.failPoints();
        unusablePoints = config.unusablePoints();
        nonePoints = config.nonePoints();
    }

    Verdict of(List<Check> checks, Transaction tx) {
        if (checks.isEmpty()) {
            score(tx, "DKIM_NONE", nonePoints);
            return Verdict.next();
        }
        if (any(checks, Result.PASS)) {
            score(tx, "DKIM_PASS", passPoints);
            return Verdict.next();
        }
        if (any(checks, Result.TEMPERROR)) {
            return defers
                    ? Verdict.defer("4.4.3", "A key of a signature can not be fetched, try again later")
                            .because("dkim=temperror")
                    : Verdict.next();
        }
        // RFC 6376 3.6.1: who is testing is treated as one who does not sign.
        boolean wrong = checks.stream().anyMatch(check -> check.result() == Result.FAIL && !check.testing());
        score(tx, wrong ? "DKIM_FAIL" : "DKIM_UNUSABLE", wrong ? failPoints : unusablePoints);
        return wrong ? failed(checks) : Verdict.next();
    }

    private Verdict failed(List<Check> checks) {
        String why = "dkim=fail " + checks.getFirst().claims().domain();
        return switch (onFail) {
            // RFC 7372 3.1.
            case "reject" ->
                Verdict.reject("5.7.20", "No DKIM signature is right").because(why);
            case "hold" -> Verdict.hold(why);
            default -> Verdict.next();
        };
    }

    private static boolean any(List<Check> checks, Result result) {
        return checks.stream().anyMatch(check -> check.result() == result);
    }

    private static void score(Transaction tx, String symbol, double points) {
        if (points != 0) {
            tx.score(symbol, points);
        }
    }
}
