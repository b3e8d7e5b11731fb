// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.io.IOException;
import java.util.List;
import org.posthouse.api.Header;
import org.posthouse.itests.fuzz.Claim;

/** Answers of rspamd: a judgement whose texts can stand in fields, replies and logs, or none. */
public final class JudgementTarget {
    private static final List<Header> PRESENT =
            List.of(new Header("X-Old", "X-Old: 1\r\n"), new Header("x-old", "x-old: 2\r\n"));

    private JudgementTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        Judgement judgement;
        try {
            judgement = Judgement.read(data);
        } catch (IOException e) {
            return;
        }
        Claim.that(Double.isFinite(judgement.score()), () -> "a score that is no number");
        line(judgement.summary(50));
        line(FieldText.reply(judgement.reply(), "otherwise"));
        field(judgement.subject());
        judgement.signatures().forEach(JudgementTarget::field);
        judgement.milter().added().forEach(added -> field(added.value()));
        judgement.milter().marks().forEach(mark -> field(mark.value()));
        judgement.milter().removed().forEach(removal -> {
            int occurrence = Judgement.occurrence(removal, PRESENT);
            Claim.that(occurrence >= -1 && occurrence <= PRESENT.size(), () -> "occurrence " + occurrence);
        });
    }

    private static void line(String text) {
        Claim.that(text.chars().allMatch(c -> c >= 32 && c < 127), () -> "not a line: " + text);
    }

    private static void field(String text) {
        String value = FieldText.value(text);
        String[] lines = value.split("\r\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String one = lines[i];
            Claim.that(one.chars().allMatch(c -> c == '\t' || c >= 32 && c < 127), () -> "not a line: " + one);
            Claim.that(one.length() < 998, () -> "a line too long");
            boolean first = i == 0;
            Claim.that(first || !one.isBlank() && Character.isWhitespace(one.charAt(0)), () -> "not folded: " + value);
        }
    }
}
