// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.itests.fuzz.Claim;

/** Arguments of MAIL, RCPT and BDAT: understood or a fault, and an address that was understood is understood again. */
public final class CommandTarget {
    private CommandTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        // Command lines hold neither CR nor LF.
        String text =
                new String(data, StandardCharsets.ISO_8859_1).replace('\r', ' ').replace('\n', ' ');
        sender("FROM:" + text);
        sender("FROM:<" + text + "> SMTPUTF8");
        recipient("TO:" + text);
        recipient("TO:<" + text + ">");
        xtext(text);
        Chunks.Chunk chunk = Chunks.Chunk.parse(text);
        Claim.that(chunk == null || chunk.length() >= 0, () -> "a chunk of negative length");
    }

    private static void sender(String argument) {
        try {
            Sender sender = MailSyntax.sender(argument, Set.of(), true);
            check(sender.address());
            String again = "FROM:<" + octets(sender.address()) + ">" + (sender.smtpUtf8() ? " SMTPUTF8" : "");
            Claim.same(
                    sender.address(), MailSyntax.sender(again, Set.of(), false).address());
            Claim.that(sender.declaredSize() >= -1, () -> "a negative size");
            check(sender.envelopeId());
        } catch (SyntaxFault e) {
            Claim.that(!e.answer().positive(), () -> "a fault that is none");
        }
    }

    private static void recipient(String argument) {
        try {
            Recipient recipient = MailSyntax.recipient(argument, true, Set.of());
            check(recipient.address());
            String again = "TO:<" + octets(recipient.address()) + ">";
            Claim.same(
                    recipient.address(),
                    MailSyntax.recipient(again, true, Set.of()).address());
            check(recipient.original());
        } catch (SyntaxFault e) {
            Claim.that(!e.answer().positive(), () -> "a fault that is none");
        }
    }

    private static void xtext(String text) {
        try {
            check(Xtext.decode(text, "ENVID"));
        } catch (SyntaxFault e) {
            Claim.that(!e.answer().positive(), () -> "a fault that is none");
        }
    }

    private static void check(Address address) {
        check(address.toString());
        Claim.that(address.isNull() || !address.local().isEmpty(), () -> "no local part in " + address);
        Claim.that(address.toString().length() <= 512, () -> "an endless address");
    }

    private static void check(String text) {
        Claim.that(text.chars().noneMatch(c -> c < 32 || c == 127), () -> "a control character in " + text);
    }

    /** The address as it stands on the wire, octets as ISO 8859-1. */
    private static String octets(Address address) {
        return new String(address.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
