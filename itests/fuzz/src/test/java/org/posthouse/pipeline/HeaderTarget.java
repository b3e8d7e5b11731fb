// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.itests.fuzz.Claim;
import org.posthouse.pipeline.spi.HeaderBlock;

/** Header blocks and edits of them: octets of fields that nobody edits stay, and no value makes two fields of one. */
public final class HeaderTarget {
    private HeaderTarget() {}

    /** Called by the fuzzer: a name in 20 octets, a value in 200, then the block. */
    public static void fuzzerTestOneInput(byte[] data) {
        String name = part(data, 0, 20);
        String value = part(data, 20, 220);
        int index = data.length % 11;
        String block = part(data, 220, data.length);
        HeaderBlock parsed = HeaderBlock.parse(block);
        Claim.same(block, parsed.text());
        parsed.all().forEach(Header::value);
        field(name, value);
        edits(parsed, name, value, index);
        results(block);
    }

    private static String part(byte[] data, int from, int to) {
        int begin = Math.min(from, data.length);
        return new String(data, begin, Math.min(to, data.length) - begin, StandardCharsets.ISO_8859_1);
    }

    private static void field(String name, String value) {
        String field;
        try {
            field = HeaderDesk.field(name, value);
        } catch (IllegalArgumentException e) {
            return;
        }
        HeaderBlock parsed = HeaderBlock.parse(field);
        Claim.same(1, parsed.all().size());
        Claim.same(name, parsed.all().getFirst().name());
        Claim.that(!field.contains("\r\n\r\n"), () -> "a field that ends the header block");
    }

    private static void edits(HeaderBlock before, String name, String value, int index) {
        HeaderDesk desk = new HeaderDesk(before);
        List<String> rest = new ArrayList<>();
        before.all().stream().filter(header -> !header.is("Subject")).forEach(header -> rest.add(header.raw()));
        try {
            desk.remove(new Edit.RemoveHeader("Subject", 0));
            desk.insert(new Edit.InsertHeader(index, name, value));
            desk.insert(new Edit.InsertHeader(0, name, value));
            desk.add(new Edit.AddHeader(name, value));
        } catch (IllegalArgumentException e) {
            return;
        }
        String after = desk.done().text();
        int from = 0;
        for (String raw : rest) {
            int at = after.indexOf(raw, from);
            Claim.that(at >= 0, () -> "a field that nobody edited is gone: " + raw);
            from = at + raw.length();
        }
    }

    private static void results(String block) {
        Head head = new Head(block);
        Head without = AuthenticationResults.withoutForged(head, "mx.example.org");
        Claim.that(without.text().length() <= block.length(), () -> "more than there was");
        Claim.same(
                without.text(),
                AuthenticationResults.withoutForged(without, "mx.example.org").text());
    }
}
