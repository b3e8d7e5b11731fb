// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.itests.fuzz.Claim;

/** Sets of ARC, one field to a line: nobody is believed who is not trusted, and rows keep what they were made of. */
public final class SealersTarget {
    /** What the hook arc says of a chain of two. */
    private static final String SEALED = "lists.example lists.example";

    private static final Sealers STRANGE = new Sealers(new String[] {"trusted.invalid"});
    private static final Sealers KNOWN = new Sealers(new String[] {"lists.example"});

    private SealersTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        List<Header> all = new ArrayList<>();
        for (String line : text.split("\n")) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                all.add(new Header(line.substring(0, colon), line.replace("\r", "") + "\r\n"));
            }
        }
        Headers headers = () -> all;
        Claim.same(Optional.empty(), STRANGE.vouch(SEALED, headers, "example.org"));
        Optional<String> vouched = KNOWN.vouch(SEALED, headers, "example.org");
        vouched.ifPresent(said -> Claim.that(
                said.startsWith("arc=pass as[") && said.chars().allMatch(c -> c >= 32 && c < 127),
                () -> "not a comment: " + said));
        Claim.same(Optional.empty(), KNOWN.vouch("evil.example", headers, "example.org"));
        row(text);
    }

    private static void row(String text) {
        Row row = new Row(
                text,
                Policy.NONE,
                true,
                false,
                List.of(new Ruling.Reason("other", text)),
                text,
                text,
                new Identifiers(new Identifiers.Spf(text, text), List.of(new Identifiers.Dkim(text, text, text))));
        String line = row.line();
        Claim.that(line.chars().allMatch(c -> c == '\t' || c >= 32 && c < 127), () -> "not a line");
        Row read = Row.parse(line).orElseThrow();
        Claim.same(line, read.line());
        Claim.same(row.id(), read.id());
    }
}
