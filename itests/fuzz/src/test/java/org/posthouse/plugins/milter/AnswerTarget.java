// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.itests.fuzz.Claim;

/** Packets of milters: answers, or none; and the edits that become of them are such that the server applies them. */
public final class AnswerTarget {
    private static final List<Header> SEEN = List.of(
            new Header("Received", "Received: from a\r\n\tby b\r\n"),
            new Header("Subject", "Subject: x\r\n"),
            new Header("subject", "subject: y\r\n"));

    private AnswerTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        AnswerReader reader = new AnswerReader(new ByteArrayInputStream(data));
        HeaderSheet sheet = new HeaderSheet(SEEN);
        try {
            for (int i = 0; i <= data.length; i++) {
                apply(reader.next(), sheet);
            }
            throw new AssertionError("more packets than octets");
        } catch (MalformedAnswer | EOFException e) {
            sheet.edits().forEach(AnswerTarget::check);
        }
    }

    private static void apply(Answer answer, HeaderSheet sheet) {
        switch (answer) {
            case Answer.AddHeader a -> sheet.add(new HeaderSheet.Field(a.name(), a.value()));
            case Answer.InsertHeader i -> sheet.insert(i.index(), new HeaderSheet.Field(i.name(), i.value()));
            case Answer.ChangeHeader c -> change(c, sheet);
            case Answer.Refuse r ->
                Claim.that(r.reply().text().chars().allMatch(c -> c >= 32 && c < 127), () -> "not printable");
            default -> Claim.that(answer.toString() != null, () -> "nameless");
        }
    }

    private static void change(Answer.ChangeHeader c, HeaderSheet sheet) {
        if (c.value().isEmpty()) {
            sheet.remove(c.occurrence(), c.name());
        } else {
            sheet.change(c.occurrence(), new HeaderSheet.Field(c.name(), c.value()));
        }
    }

    private static void check(Edit edit) {
        switch (edit) {
            case Edit.AddHeader e -> value(e.value());
            case Edit.InsertHeader e -> value(e.value());
            case Edit.ChangeHeader e -> value(e.value());
            default -> Claim.that(edit instanceof Edit.RemoveHeader, () -> "a strange edit: " + edit);
        }
    }

    /** What the server takes as a value: octets of lines that are folded. */
    private static void value(String value) {
        Claim.that(value.indexOf('\0') < 0, () -> "a NUL in a value");
        Claim.that(
                value.replaceAll("\r\n[ \t]", "").chars().noneMatch(c -> c == '\r' || c == '\n'),
                () -> "not folded: " + value);
    }
}
