// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimverify;

import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.AuthResults;
import org.posthouse.mailauth.dkim.Check;
import org.posthouse.mailauth.dkim.Claims;

/** Checks as results of the method dkim (RFC 8601 2.7.1). */
final class ResultLines {
    /** RFC 6008 3: at least so much of a signature that it is told from the others. */
    private static final int LEAST = 8;

    /** Signatures that are alike so far are made alike, and nobody is to fill our field with them. */
    private static final int MOST = 64;

    private ResultLines() {}

    /** One result for each check; {@code none} when there was no signature. */
    static List<AuthResults.Result> of(List<Check> checks) {
        if (checks.isEmpty()) {
            return List.of(new AuthResults.Result("dkim", "none", "", List.of()));
        }
        int length = checks.size() == 1
                ? LEAST
                : telling(checks.stream()
                        .map(check -> check.claims().signature())
                        .distinct()
                        .toList());
        return checks.stream().map(check -> line(check, length)).toList();
    }

    private static AuthResults.Result line(Check check, int length) {
        Claims claims = check.claims();
        List<String> properties = new ArrayList<>();
        add(properties, "header.d", claims.domain());
        add(properties, "header.s", claims.selector());
        add(properties, "header.a", claims.algorithm());
        String b = claims.signature()
                .substring(0, Math.min(length, claims.signature().length()));
        // RFC 2045 5.1: neither of them may stand in a token.
        boolean quoted = b.indexOf('/') >= 0 || b.indexOf('=') >= 0;
        add(properties, "header.b", quoted ? '"' + b + '"' : b);
        return new AuthResults.Result("dkim", check.result().word(), reason(check), properties);
    }

    private static void add(List<String> properties, String name, String value) {
        if (!value.isEmpty()) {
            properties.add(name + "=" + value);
        }
    }

    private static String reason(Check check) {
        List<String> reasons = new ArrayList<>();
        add(reasons, check.reason());
        add(reasons, check.testing() ? "its domain is testing" : "");
        add(reasons, check.unsigned() > 0 ? check.unsigned() + " octets of the body are not signed" : "");
        return String.join("; ", reasons);
    }

    private static void add(List<String> reasons, String reason) {
        if (!reason.isEmpty()) {
            reasons.add(reason);
        }
    }

    /** How many characters tell these signatures apart, from 8 to 64. */
    private static int telling(List<String> signatures) {
        int length = LEAST;
        int longest = Math.min(
                MOST, signatures.stream().mapToInt(String::length).max().orElse(0));
        while (length < longest && cut(signatures, length) < signatures.size()) {
            length++;
        }
        return length;
    }

    private static long cut(List<String> signatures, int length) {
        return signatures.stream()
                .map(b -> b.substring(0, Math.min(length, b.length())))
                .distinct()
                .count();
    }
}
