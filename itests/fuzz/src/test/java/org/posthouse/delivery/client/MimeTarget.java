// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.posthouse.itests.fuzz.Claim;

/** Messages that are made 7-bit on their way: no octet above 127 is left, however they are built and cut. */
public final class MimeTarget {
    private MimeTarget() {}

    /** Keeps what comes. */
    private static final class Kept implements OctetSink {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        @Override
        public void put(byte[] octets, int offset, int length) {
            out.write(octets, offset, length);
        }

        @Override
        public void end() {}
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        EightBitSurvey survey = new EightBitSurvey();
        walk(data, Math.max(1, data.length), survey);
        EightBitSurvey cut = new EightBitSurvey();
        walk(data, 1, cut);
        Claim.same(survey.possible(), cut.possible());
        if (!survey.possible()) {
            return;
        }
        String whole = encoded(data, Math.max(1, data.length), survey);
        Claim.same(whole, encoded(data, 3, cut));
        Claim.that(whole.chars().allMatch(c -> c < 128), () -> "an octet above 127 is left");
        EightBitSurvey after = new EightBitSurvey();
        byte[] octets = whole.getBytes(StandardCharsets.ISO_8859_1);
        walk(octets, Math.max(1, octets.length), after);
        Claim.that(after.possible(), () -> "what was encoded can not be sent");
    }

    private static String encoded(byte[] data, int size, EightBitSurvey survey) throws IOException {
        Kept kept = new Kept();
        walk(data, size, new EightBitEncoder(survey, kept));
        return kept.out.toString(StandardCharsets.ISO_8859_1);
    }

    private static void walk(byte[] data, int size, PartVisitor visitor) throws IOException {
        MimeWalk walk = new MimeWalk(visitor);
        for (int at = 0; at < data.length; at += size) {
            walk.put(data, at, Math.min(size, data.length - at));
        }
        walk.end();
    }
}
