// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.posthouse.itests.cluster.Finding.Flaw;

/** What an account says, as a table by kind of fault and a line for each finding. */
final class Table {
    private static final String ROW = "%-13s %6s %8s %9s %5s %6s %7s %7s %5s %5s %6s %9s %8s%n";
    private static final int MOST_FINDINGS = 40;

    private final Account account;

    Table(Account account) {
        this.account = account;
    }

    void print(PrintWriter out) {
        out.printf(
                ROW,
                "fault",
                "times",
                "accepted",
                "recipient",
                "lost",
                "untold",
                "doubled",
                "unsaid",
                "late",
                "ghost",
                "stuck",
                "takeover",
                "drained");
        Map<String, List<Round>> kinds = new TreeMap<>();
        account.rounds()
                .forEach(r ->
                        kinds.computeIfAbsent(r.kind, k -> new ArrayList<>()).add(r));
        kinds.forEach((kind, rounds) -> row(out, kind, rounds));
        row(out, "all", account.rounds());
        out.printf(
                "not answered %d, refused %d, said to be in doubt %d, on the lost disk alone %d%n",
                sum(account.rounds(), r -> r.unanswered),
                sum(account.rounds(), r -> r.refused),
                sum(account.rounds(), r -> r.doubts),
                sum(account.rounds(), r -> r.alone));
        List<Finding> findings = account.findings();
        findings.stream()
                .limit(MOST_FINDINGS)
                .forEach(f -> out.printf("fault %d: %s %s%n", f.fault(), f.flaw(), f.what()));
        if (findings.size() > MOST_FINDINGS) {
            out.printf("and %d more%n", findings.size() - MOST_FINDINGS);
        }
        out.flush();
    }

    private static void row(PrintWriter out, String kind, List<Round> rounds) {
        out.printf(
                ROW,
                kind.toLowerCase(java.util.Locale.ROOT),
                rounds.size(),
                sum(rounds, r -> r.acknowledged),
                sum(rounds, r -> r.recipients),
                sum(rounds, r -> r.flaws(Flaw.LOST)),
                sum(rounds, r -> r.flaws(Flaw.UNTOLD)),
                sum(rounds, r -> r.doubled),
                sum(rounds, r -> r.flaws(Flaw.DOUBLED_UNSAID)),
                sum(rounds, r -> r.flaws(Flaw.DOUBLED_LATE)),
                sum(rounds, r -> r.flaws(Flaw.GHOST)),
                sum(rounds, r -> r.flaws(Flaw.STUCK)),
                seconds(rounds, r -> r.takeover),
                seconds(rounds, r -> r.drain));
    }

    private static long sum(List<Round> rounds, ToLongFunction<Round> figure) {
        return rounds.stream().mapToLong(figure).sum();
    }

    /** The longest. */
    private static String seconds(List<Round> rounds, ToLongFunction<Round> figure) {
        long most = rounds.stream().mapToLong(figure).max().orElse(Round.NEVER);
        return most == Round.NEVER ? "-" : "%.1f s".formatted(most / 1000.0);
    }
}
