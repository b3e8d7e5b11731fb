// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.posthouse.plugins.milter.MilterBench.SOON;
import static org.posthouse.plugins.milter.MilterBench.refusal;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.server.Await;

/** How long a connection to a milter lives, and what it serves. */
final class MilterConnectionsTest {
    @RegisterExtension
    private final MilterBench bench = new MilterBench();

    private final FakeMilter milter = bench.milter;

    @Test
    void oneConnectionServesAllTransactionsOfASession() throws Exception {
        Talk talk = bench.talk();
        talk.whole();
        talk.ended("TX2");
        talk.mail();
        talk.ended("TX3");
        talk.mail();
        talk.rcpt("b@example.net");
        talk.data();
        talk.over();
        Await.until("QUIT", SOON, () -> milter.letters().endsWith("Q"));
        assertEquals("CHMRTLLNBEMAMRTLLNBEQ", milter.letters());
        assertEquals(1, milter.heard().stream().filter("O"::equals).count());
    }

    @Test
    void aMilterThatWasRestartedBetweenTransactionsIsToldAnew() throws Exception {
        Talk talk = bench.talk();
        talk.whole();
        talk.ended("TX2");
        milter.restart();
        Await.until("no connection", SOON, () -> milter.connections() == 0);
        assertEquals(Verdict.next(), talk.mail());
        talk.rcpt("b@example.net");
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRTLLNBECHMRTLLNBE", milter.letters());
    }

    @Test
    void aConnectionIsKeptForTheNextSession() throws Exception {
        bench.settings.put("keep", 1);
        Milters plugin = bench.plugin();
        for (int i = 0; i < 2; i++) {
            Talk talk = new Talk(plugin);
            talk.whole();
            talk.over();
        }
        Await.until("the end of both", SOON, () -> milter.letters().endsWith("K"));
        assertEquals("CHMRTLLNBEKCHMRTLLNBEK", milter.letters());
        assertEquals(1, milter.heard().stream().filter("O"::equals).count());
    }

    @Test
    void aKeptConnectionThatIsGoneIsReplaced() throws Exception {
        bench.settings.put("keep", 1);
        Milters plugin = bench.plugin();
        Talk talk = new Talk(plugin);
        talk.whole();
        talk.over();
        Await.until("the end", SOON, () -> milter.letters().endsWith("K"));
        milter.restart();
        Await.until("no connection", SOON, () -> milter.connections() == 0);
        assertEquals(Verdict.next(), new Talk(plugin).whole());
    }

    @Test
    void aStoppedPluginClosesItsConnections() throws IOException {
        Talk talk = bench.talk();
        talk.mail();
        bench.stop();
        Await.until("the connection is closed", SOON, () -> milter.connections() == 0);
        assertFalse(milter.letters().isEmpty());
    }

    @Test
    void aMilterByNameIsLookedUpByTheServersResolver() {
        bench.dns.address("milter.example.org", "127.0.0.1");
        String port = milter.address().substring(milter.address().indexOf(':'));
        assertEquals(Verdict.next(), bench.talk("milter.example.org" + port).mail());
        assertEquals(
                451, refusal(bench.talk("nowhere.example.org" + port).mail()).code());
    }
}
