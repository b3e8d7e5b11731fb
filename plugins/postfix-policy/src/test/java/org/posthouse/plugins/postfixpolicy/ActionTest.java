// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;

final class ActionTest {
    private static Reply refused(String text) {
        Verdict verdict =
                assertInstanceOf(Action.Refuse.class, Action.parse(text)).verdict();
        return assertInstanceOf(Verdict.Refusal.class, verdict).reply();
    }

    private static String read(String octets) throws IOException {
        return new ActionReader(new ByteArrayInputStream(octets.getBytes(StandardCharsets.UTF_8))).next();
    }

    @Test
    void whatIsOkIsNoVote() {
        for (String text : List.of("OK", "ok", "dunno", "DUNNO ", "permit", "RELAY", "1234", "DEFER_IF_REJECT later")) {
            assertEquals(new Action.Dunno(), Action.parse(text), text);
        }
    }

    @Test
    void refusesWithTheCodesOfPostfix() {
        assertEquals(new Reply(554, "5.7.1", "Access denied"), refused("REJECT"));
        assertEquals(new Reply(554, "5.7.1", "Go away"), refused("reject Go away"));
        assertEquals(new Reply(554, "5.1.8", "No such sender"), refused("REJECT 5.1.8 No such sender"));
        assertEquals(new Reply(450, "4.7.1", "Try again later"), refused("DEFER"));
        assertEquals(new Reply(450, "4.2.0", "Greylisted"), refused("DEFER_IF_PERMIT 4.2.0 Greylisted"));
        assertEquals(
                new Reply(451, "4.3.5", "Server configuration problem"),
                refused("451 4.3.5 Server configuration problem"));
        assertEquals(new Reply(550, "5.7.1", "Access denied"), refused("550"));
    }

    @Test
    void theCodeDecidesTheClassOfTheEnhancedCode() {
        assertEquals(new Reply(450, "4.7.1", "text"), refused("450 5.7.1 text"));
        assertEquals(new Reply(554, "5.2.0", "text"), refused("REJECT 4.2.0 text"));
    }

    @Test
    void someRefusalsEndTheConnection() {
        for (String text : List.of("421 4.7.0 bye", "521 5.7.0 bye", "HANGUP")) {
            Verdict verdict =
                    assertInstanceOf(Action.Refuse.class, Action.parse(text)).verdict();
            assertInstanceOf(Verdict.Disconnect.class, verdict, text);
        }
    }

    @Test
    void readsWhatIsDoneToTheMessage() {
        assertEquals(new Action.Hold("look at it"), Action.parse("HOLD look at it"));
        assertEquals(new Action.Discard("the policy server discards it"), Action.parse("discard"));
        assertEquals(
                new Action.Prepend("X-Greylist", "delayed 60 seconds: by us"),
                Action.parse("PREPEND X-Greylist: delayed 60 seconds: by us"));
        assertEquals(new Action.Redirect(Address.of("a@example.org")), Action.parse("REDIRECT a@example.org"));
        assertEquals(new Action.Bcc(Address.of("a@example.org")), Action.parse("BCC a@example.org"));
        assertEquals(new Action.Tell(true, "odd"), Action.parse("WARN odd"));
        assertEquals(new Action.Tell(false, ""), Action.parse("INFO"));
    }

    @Test
    void whatIsNotDoneHereIsKnownAsThat() {
        for (String text : List.of(
                "",
                "FILTER smtp:[127.0.0.1]:10025",
                "reject_unverified_sender",
                "PREPEND no colon",
                "PREPEND : no name",
                "PREPEND b\u00fc: odd name",
                "REDIRECT nowhere",
                "REDIRECT a b@example.org",
                "BCC <a@example.org>")) {
            assertInstanceOf(Action.Unknown.class, Action.parse(text), text);
        }
    }

    @Test
    void keepsControlCharactersAndLongTextsFromTheClient() {
        assertEquals("a?b", refused("REJECT a\u0007b").text());
        assertEquals(480, refused("REJECT " + "x".repeat(10_000)).text().length());
    }

    @Test
    void readsAnAnswer() throws IOException {
        assertEquals("DUNNO", read("action=DUNNO\n\n"));
        assertEquals("REJECT no", read("other=1\r\naction=REJECT no\r\naction=OK\r\n\r\n"));
    }

    @Test
    void refusesWhatIsNoAnswer() {
        for (String octets :
                List.of("", "\n", "action=OK", "action=OK\n", "x=1\n\n", "a".repeat(20_000), "a\n".repeat(20_000))) {
            assertThrows(IOException.class, () -> read(octets), octets);
        }
    }

    @Test
    void survivesAnyOctets() {
        Random random = new Random(7);
        String alphabet = "action=REJECTHOLD 45.:@\u00fc\n\r\0";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertNotNull(Action.parse(text.toString()));
        }
    }
}
