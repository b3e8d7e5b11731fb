// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.posthouse.itests.fuzz.Claim;

/** Canonical bodies: the same in whatever pieces they come, and canonical already when they are made again. */
public final class BodyTarget {
    private BodyTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        for (Canonicalization form : Canonicalization.values()) {
            byte[] whole = canonical(form, data, Math.max(1, data.length));
            byte[] pieces = canonical(form, data, 1 + data.length % 3);
            Claim.same(text(whole), text(pieces));
            Claim.same(text(whole), text(canonical(form, whole, 7)));
        }
    }

    private static byte[] canonical(Canonicalization form, byte[] body, int step) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CanonicalBody stream = form.body(out::write);
        for (int from = 0; from < body.length; from += step) {
            stream.take(body, from, Math.min(step, body.length - from));
        }
        stream.end();
        return out.toByteArray();
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
