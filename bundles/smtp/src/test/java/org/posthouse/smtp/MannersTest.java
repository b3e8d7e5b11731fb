// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Stage;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.ConversationPlayer;

/** What a hook is told of clients that speak before their turn. */
final class MannersTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    /** Shared, for making a certificate takes a second. */
    @TempDir
    static Path data;

    private final Fakes fakes = new Fakes();
    private final List<String> early = new CopyOnWriteArrayList<>();
    private FakeServer server;

    /** A listener whose hooks note at which stages the client had spoken early. */
    private ConversationPlayer connect(String tls, String proxy) throws IOException {
        fakes.policy = (stage, about) -> {
            if (fakes.spokeEarly.getAsBoolean()) {
                early.add(stage.name());
            }
            return null;
        };
        server = new FakeServer(FakeServer.settings("MX", tls, "", proxy, 0), fakes, data);
        return new ConversationPlayer(server.address());
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** A connect hook that waits until the client speaks, and refuses it then. */
    private void patient() {
        fakes.policy = (stage, about) -> {
            if (stage != Stage.CONNECT) {
                return null;
            }
            Await.until("the client spoke", SOON, () -> fakes.spokeEarly.getAsBoolean());
            return Fakes.refuse(554, "5.5.1", "Too early");
        };
    }

    @Test
    void hearsAClientThatSpeaksBeforeTheBanner() throws IOException {
        try (ConversationPlayer player = connect("NONE", "")) {
            player.play("S: 220 …");
        }
        patient();
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("R: EHLO client.test\\r\\n", "S: 554 5.5.1 Too early", "X");
        }
    }

    @Test
    void hearsItBehindAProxyHeaderInTheSamePacket() throws IOException {
        try (ConversationPlayer first = connect("NONE", "127.0.0.1")) {
            patient();
            first.play("R: PROXY TCP4 192.0.2.7 192.0.2.25 4711 25\\r\\nEHLO client.test\\r\\n", "S: 554 …", "X");
        }
    }

    @Test
    void takesNeitherProxyHeaderNorHandshakeForSpeech() throws IOException {
        try (ConversationPlayer player = connect("IMPLICIT", "127.0.0.1")) {
            player.play("R: PROXY TCP4 192.0.2.7 192.0.2.25 4711 25\\r\\n", "T", "S: 220 …");
            player.play("C: EHLO client.test", "S: 250-…", "S: 250-…", "S: 250-…", "S: 250-…", "S: 250-…");
        }
        assertEquals(List.of(), early);
        assertFalse(fakes.spokeEarly.getAsBoolean());
    }

    @Test
    void hearsItInsideTlsThatBeganAtOnce() throws IOException {
        try (ConversationPlayer player = connect("IMPLICIT", "")) {
            patient();
            player.play("T", "R: EHLO client.test\\r\\n", "S: 554 5.5.1 Too early", "X");
        }
    }

    @Test
    void hearsCommandsBehindAGreeting() throws IOException {
        try (ConversationPlayer player = connect("NONE", "")) {
            player.play("S: 220 …", "R: EHLO client.test\\r\\nMAIL FROM:<a@b.example>\\r\\n");
            extensions(player);
            player.play("S: 250 2.1.0 Sender ok");
        }
        assertEquals(List.of("HELO", "MAIL"), early);
    }

    @Test
    void hearsGroupsThatWereNotOffered() throws IOException {
        try (ConversationPlayer player = connect("NONE", "")) {
            player.play("S: 220 …", "C: HELO client.test", "S: 250 …");
            player.play("R: MAIL FROM:<a@b.example>\\r\\nRCPT TO:<u@local.test>\\r\\n", "S: 250 …", "S: 250 …");
        }
        assertEquals(List.of("MAIL", "RCPT"), early);
    }

    @Test
    void hearsGroupsThatWereWithdrawn() throws IOException {
        fakes.withdrawn = Set.of("PIPELINING");
        try (ConversationPlayer player = connect("NONE", "")) {
            player.play("S: 220 …", "C: EHLO client.test", "S: 250-…", "S: 250-SIZE …");
            player.play("S: 250-…", "S: 250-…", "S: 250-…", "S: 250-…", "S: 250 DSN");
            player.play("R: MAIL FROM:<a@b.example>\\r\\nRCPT TO:<u@local.test>\\r\\n", "S: 250 …", "S: 250 …");
        }
        assertEquals(List.of("MAIL", "RCPT"), early);
    }

    @Test
    void hearsAMessageAheadOfTheWordToBegin() throws IOException {
        try (ConversationPlayer player = connect("NONE", "")) {
            player.play("S: 220 …", "C: EHLO client.test");
            extensions(player);
            group(player);
            player.play("R: DATA\\r\\nSubject: x\\r\\n\\r\\nx\\r\\n.\\r\\n", "S: 354 …", "S: 250 2.0.0 queued …");
        }
        assertTrue(early.contains("DATA"), early::toString);
        assertFalse(early.contains("RCPT"), early::toString);
    }

    @Test
    void takesGroupsAndChunksAsTheyMayCome() throws IOException {
        try (ConversationPlayer player = connect("NONE", "")) {
            player.play("S: 220 …", "C: EHLO client.test");
            extensions(player);
            group(player);
            player.play("R: BDAT 14 LAST\\r\\nSubject: x\\r\\n\\r\\n", "S: 250 2.0.0 queued …");
            player.play("C: QUIT", "S: 221 …", "X");
        }
        assertEquals(List.of(), early);
    }

    private static void extensions(ConversationPlayer player) throws IOException {
        player.play("S: 250-…", "S: 250-PIPELINING", "S: 250-…", "S: 250-…", "S: 250-…", "S: 250-…", "S: 250-…");
        player.play("S: 250 DSN");
    }

    private static void group(ConversationPlayer player) throws IOException {
        player.play("R: MAIL FROM:<a@b.example>\\r\\nRCPT TO:<u@local.test>\\r\\n", "S: 250 …", "S: 250 …");
    }
}
