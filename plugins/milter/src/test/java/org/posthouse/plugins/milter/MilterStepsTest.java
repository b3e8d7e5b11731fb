// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.plugins.milter.FakeMilter.packet;
import static org.posthouse.plugins.milter.MilterBench.GO_ON;
import static org.posthouse.plugins.milter.MilterBench.SOON;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Edit;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.server.Await;

/** What a milter is told, and in which order. */
final class MilterStepsTest {
    @RegisterExtension
    private final MilterBench bench = new MilterBench();

    private final FakeMilter milter = bench.milter;

    @Test
    void tellsAMessageStepByStep() throws Exception {
        Talk talk = bench.talk();
        talk.sender = new Sender(Address.of("a@example.org"), 42, BodyType.EIGHT_BIT, true, "HDRS", "id+1");
        talk.connect();
        talk.helo();
        talk.mail();
        talk.rcpt(new Recipient(Address.of("b@example.net"), "SUCCESS,FAILURE", "rfc822;B@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals(List.of(), talk.edits());
        talk.over();
        Await.until("QUIT", SOON, () -> milter.letters().endsWith("Q"));
        assertEquals(
                List.of(
                        "Cclient.example.org 52 192.0.2.1|",
                        "Hclient.example.org|",
                        "M<a@example.org>|SIZE=42|BODY=8BITMIME|SMTPUTF8|RET=HDRS|ENVID=id+2B1|",
                        "R<b@example.net>|NOTIFY=SUCCESS,FAILURE|ORCPT=rfc822;B@example.net|",
                        "T",
                        "LSubject|hello|",
                        "LX|1|",
                        "N",
                        "B10",
                        "E",
                        "Q"),
                milter.steps());
        assertEquals("one\r\ntwo\r\n", milter.body());
    }

    @Test
    void sendsTheMacrosOfEachStep() throws IOException {
        Talk talk = bench.talk();
        talk.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
        talk.user = "anna";
        talk.whole();
        List<String> macros =
                milter.heard().stream().filter(line -> line.startsWith("D")).toList();
        assertEquals(
                List.of(
                        "DCj|mx.example.net|_|client.example.org [192.0.2.1]|v|Posthouse|{daemon_name}|mx|"
                                + "{daemon_addr}|192.0.2.25|{client_addr}|192.0.2.1|{client_name}|client.example.org|"
                                + "{client_port}|40000|{client_ptr}|client.example.org|{client_resolve}|OK|",
                        "DH{tls_version}|TLSv1.3|{cipher}|TLS_AES_256_GCM_SHA384|{cipher_bits}|256|",
                        "DMi|TX1|{auth_type}|SASL|{auth_authen}|anna|{mail_addr}|a@example.org|{mail_host}|example.org|",
                        "DRi|TX1|{rcpt_addr}|b@example.net|{rcpt_host}|example.net|",
                        "DTi|TX1|",
                        "DNi|TX1|",
                        "DEi|TX1|"),
                macros);
    }

    @Test
    void sendsOnlyTheMacrosThatAMilterListed() throws IOException {
        milter.options(6, 0, 0, 0, "{j} {client_addr} {unheard_of}", 3, "", 5, "{mail_addr},i");
        bench.talk().whole();
        List<String> macros =
                milter.heard().stream().filter(line -> line.startsWith("D")).toList();
        assertEquals("DCj|mx.example.net|{client_addr}|192.0.2.1|", macros.getFirst());
        assertTrue(macros.stream().noneMatch(line -> line.startsWith("DR")), macros::toString);
        assertEquals("DE{mail_addr}|a@example.org|i|TX1|", macros.getLast());
    }

    @Test
    void aClientWhoseNameDoesNotLeadBackHasNone() throws IOException {
        bench.dns.servfail("client.example.org");
        Talk talk = bench.talk();
        talk.connect();
        assertEquals("C[192.0.2.1] 52 192.0.2.1|", milter.steps().getFirst());
        assertTrue(
                milter.heard()
                        .get(1)
                        .contains("{client_name}|unknown|{client_port}|40000|{client_ptr}|client.example.org|"
                                + "{client_resolve}|TEMP|"),
                milter.heard()::toString);
    }

    @Test
    void sparesAMilterTheStepsThatItDoesNotWant() throws IOException {
        milter.options(6, Options.ALL_ACTIONS, 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x200);
        assertEquals(Verdict.next(), bench.talk().whole());
        assertEquals("E", milter.letters());
    }

    @Test
    void waitsForNoAnswerThatIsNotGiven() throws IOException {
        milter.options(6, 0, 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x80 | 0x40000 | 0x80000);
        for (char command : "CHMRTLNB".toCharArray()) {
            milter.answers(command);
        }
        assertEquals(Verdict.next(), bench.talk().whole());
        assertEquals("CHMRTLLNBE", milter.letters());
    }

    @Test
    void tellsAnOldMilterNothingThatItDoesNotKnow() throws IOException {
        milter.options(2, 0x1, 0x80);
        milter.answers('L');
        assertEquals(Verdict.next(), bench.talk().whole());
        assertEquals("CHMRLLNBE", milter.letters());
    }

    @Test
    void keepsTheSpaceBehindTheColonForThoseWhoWantIt() throws IOException {
        milter.options(6, Options.ADD_HEADERS, Options.LEADING_SPACE);
        milter.answers('E', packet('h', "A", " spaced"), packet('h', "B", "close"), GO_ON);
        Talk talk = bench.talk();
        talk.headers = new String[] {"A: one", "B:two", "C:  three\r\n\tfour"};
        talk.whole();
        assertEquals(
                List.of("LA| one|", "LB|two|", "LC|  three\n\tfour|"),
                milter.steps().stream().filter(step -> step.startsWith("L")).toList());
        assertEquals(List.of(new Edit.AddHeader("A", "spaced"), new Edit.AddHeader("B", "close")), talk.edits());
    }

    @Test
    void sendsALongBodyInChunksUntilTheMilterHasSeenEnough() throws IOException {
        milter.options(6, 0, Options.SKIP);
        Talk talk = bench.talk();
        talk.body = "0123456789abcde\r\n".repeat(10_000);
        talk.whole();
        assertEquals(
                List.of("B65535", "B65535", "B38930"),
                milter.steps().stream().filter(step -> step.startsWith("B")).toList());
        assertEquals(talk.body, milter.body());
        milter.answers('B', packet('s'));
        bench.talk().whole();
        assertTrue(milter.letters().endsWith("LLNBE"), milter.letters());
    }

    @Test
    void theGreetingAfterStarttlsIsToldAgain() {
        Talk talk = bench.talk();
        talk.connect();
        talk.helo();
        talk.tls = "TLSv1.3 TLS_AES_128_GCM_SHA256";
        talk.helo();
        talk.mail();
        assertEquals("CHHM", milter.letters());
        assertTrue(
                milter.heard().contains("DH{tls_version}|TLSv1.3|{cipher}|TLS_AES_128_GCM_SHA256|{cipher_bits}|128|"),
                milter.heard()::toString);
    }

    @Test
    void aGenerationThatCameInTheMiddleOfASessionTellsItFromTheBeginning() throws IOException {
        Talk talk = bench.talk();
        talk.mail();
        talk.rcpt("b@example.net");
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRTLLNBE", milter.letters());
    }

    @Test
    void theEnvelopeIsToldAnewWhenOthersChangedIt() throws IOException {
        Talk talk = bench.talk();
        talk.mail();
        talk.rcpt("b@example.net");
        talk.rcpt("refused-later@example.net");
        talk.recipients.remove(1);
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRRAMRTLLNBE", milter.letters());
        assertEquals("R<b@example.net>|", milter.steps().get(7));
    }

    @Test
    void exemptClientsAndListenersAreNotTold() throws IOException {
        bench.settings.put("exemptNetworks", new String[] {"192.0.2.0/24"});
        assertEquals(Verdict.next(), bench.talk().whole());
        bench.settings.put("exemptNetworks", new String[0]);
        bench.settings.put("exemptListeners", new String[] {"feeder"});
        Talk talk = bench.talk();
        talk.listener = "feeder";
        assertEquals(Verdict.next(), talk.whole());
        assertEquals(List.of(), milter.heard());
    }
}
