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
        List<Check> meant = checks.stream().filter(check -> !check.testing()).toList();
        if (meant.isEmpty()) {
            score(tx, "DKIM_NONE", nonePoints);
            return Verdict.next();
        }
        List<Check> wrong =
                meant.stream().filter(check -> check.result() == Result.FAIL).toList();
        if (wrong.isEmpty()) {
            score(tx, "DKIM_UNUSABLE", unusablePoints);
            return Verdict.next();
        }
        score(tx, "DKIM_FAIL", failPoints);
        return failed(wrong.getFirst());
    }

    private Verdict failed(Check check) {
        String why = "dkim=fail " + check.claims().domain();
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
