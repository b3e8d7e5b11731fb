// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import org.posthouse.itests.fuzz.Claim;

/** The messages of SCRAM clients: understood or a fault, and names are as they must be. */
public final class ScramTarget {
    private ScramTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        try {
            ScramFirst first = ScramFirst.parse(data);
            Claim.that(first.user().chars().noneMatch(Character::isISOControl), () -> "a control character in a name");
            Claim.same(Prepared.utf8(data), first.header() + first.bare());
        } catch (SaslFault e) {
            Claim.that(e.getMessage() != null, () -> "a fault without a word");
        }
        try {
            ScramFinal last = ScramFinal.parse(data);
            Claim.same(32, last.proof().length);
            Claim.that(
                    Prepared.utf8(data).startsWith(last.withoutProof() + ",p="),
                    () -> "what was signed is not what came");
        } catch (SaslFault e) {
            Claim.that(e.getMessage() != null, () -> "a fault without a word");
        }
    }
}
