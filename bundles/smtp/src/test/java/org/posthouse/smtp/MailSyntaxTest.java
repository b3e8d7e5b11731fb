// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;

final class MailSyntaxTest {
    private static Sender sender(String argument) throws SyntaxFault {
        byte[] octets = argument.getBytes(StandardCharsets.UTF_8);
        return MailSyntax.sender(new String(octets, StandardCharsets.ISO_8859_1), Set.of(), true);
    }

    private static Recipient recipient(String argument) throws SyntaxFault {
        return MailSyntax.recipient(argument, false, Set.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@example.com", "\"a b\"@example.com", "\"a\\\"b\\\\c\"@example.com", "\"a>b\"@example.com",
                "\"a@b\"@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", "a@[192.0.2.1]", "a@[ipv6:2001:db8::1]",
                "prvs=0123456789=a@example.com", "a@ex_ample.com", "a@localhost"
            })
    void readsMailboxes(String mailbox) throws SyntaxFault {
        assertEquals(mailbox, sender("FROM:<" + mailbox + ">").address().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FROM <a@b.example>",
                "<a@b.example>",
                "FROM:",
                "FROM:<a@b.example",
                "FROM:<a@b@c.example>",
                "FROM:<a@b.example>junk",
                "FROM:<a@b.example><c@d.example>",
                "FROM:<a b@c.example>",
                "FROM:<a@>",
                "FROM:<@>",
                "FROM:<@b.example>",
                "FROM:<a..b@c.example>",
                "FROM:<.a@c.example>",
                "FROM:<a@b.example.>",
                "FROM:<a@-b.example>",
                "FROM:<a@[300.1.1.1]>",
                "FROM:<a@[IPv6:1.2.3.4]>",
                "FROM:<a@[2001:db8::1]>",
                "FROM:<a>",
                "FROM:<\"a@b.example>",
                "FROM:<a\u0001@b.example>",
                "FROM:<a@b.example> SIZE=",
                "FROM:<a@b.example> SIZE=-5",
                "FROM:<a@b.example> SIZE=abc",
                "FROM:<a@b.example> SIZE=111111111111111111111",
                "FROM:<a@b.example> BODY=9BITMIME",
                "FROM:<a@b.example> SIZE=1 SIZE=2",
                "FROM:<a@b.example> RET=SOME",
                "FROM:<a@b.example> ENVID=a+zzb",
                "FROM:<a@b.example> ENVID=a+0D+0AB",
                "FROM:<a@b.example> ENVID=a+C3+A4",
                "FROM:<a@b.example> SMTPUTF8=1"
            })
    void refusesBadSyntaxWith501(String argument) {
        assertEquals(
                501,
                assertThrows(SyntaxFault.class, () -> sender(argument)).answer().code());
    }

    @Test
    void dropsSourceRoutes() throws SyntaxFault {
        assertEquals(
                "u@c.example",
                sender("FROM:<@a.example,@b.example:u@c.example>").address().toString());
    }

    @Test
    void readsTheNullReversePath() throws SyntaxFault {
        assertTrue(sender("FROM:<>").address().isNull());
    }

    @Test
    void readsAllParametersOfMailInAnyCase() throws SyntaxFault {
        Sender sender = sender("from:<a@b.example> size=12 body=8bitmime RET=hdrs ENVID=a+2Bb smtputf8");
        assertEquals(new Sender(Address.of("a@b.example"), 12, BodyType.EIGHT_BIT, true, "HDRS", "a+b"), sender);
    }

    @Test
    void takesSizesBeyondAnyNumber() throws SyntaxFault {
        assertEquals(
                Long.MAX_VALUE,
                sender("FROM:<a@b.example> SIZE=99999999999999999999").declaredSize());
    }

    @Test
    void refusesUnknownParametersWith555() {
        assertEquals(
                555,
                assertThrows(SyntaxFault.class, () -> sender("FROM:<a@b.example> FOO=BAR"))
                        .answer()
                        .code());
    }

    @Test
    void refusesAWithdrawnExtension() {
        SyntaxFault fault = assertThrows(
                SyntaxFault.class, () -> MailSyntax.sender("FROM:<a@b.example> RET=FULL", Set.of("DSN"), true));
        assertEquals(555, fault.answer().code());
    }

    @Test
    void wantsSmtpUtf8ForOtherScripts() throws SyntaxFault {
        assertEquals(
                553,
                assertThrows(SyntaxFault.class, () -> sender("FROM:<дж@пример.example>"))
                        .answer()
                        .code());
        assertTrue(sender("FROM:<дж@пример.example> SMTPUTF8").address().international());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00ff\u00fe", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00c3"})
    void refusesIllFormedUtf8(String octets) {
        assertThrows(
                SyntaxFault.class,
                () -> MailSyntax.sender("FROM:<a" + octets + "@b.example> SMTPUTF8", Set.of(), true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NOTIFY=NEVER|NEVER|",
                "NOTIFY=success,DELAY|SUCCESS,DELAY|",
                "ORCPT=rfc822;a+2Bb@c.example|''|rfc822;a+b@c.example"
            })
    void readsDsnParametersOfRcpt(String parameters, String notifyOn, String original) throws SyntaxFault {
        Recipient recipient = recipient("TO:<a@b.example> " + parameters);
        assertEquals(notifyOn, recipient.notifyOn());
        assertEquals(original == null ? "" : original, recipient.original());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOTIFY=",
                "NOTIFY=NEVER,SUCCESS",
                "NOTIFY=SOMETIMES",
                "NOTIFY=SUCCESS,SUCCESS",
                "ORCPT=a@b.example",
                "ORCPT=rfc822;",
                "ORCPT=rfc822;a+0A"
            })
    void refusesBadDsnParameters(String parameters) {
        assertThrows(SyntaxFault.class, () -> recipient("TO:<a@b.example> " + parameters));
    }

    @Test
    void takesPostmasterWithoutDomainAsRecipientOnly() throws SyntaxFault {
        assertEquals(new Address("pOstmaster", ""), recipient("TO:<pOstmaster>").address());
        assertThrows(SyntaxFault.class, () -> sender("FROM:<postmaster>"));
        assertThrows(SyntaxFault.class, () -> recipient("TO:<>"));
    }
}
