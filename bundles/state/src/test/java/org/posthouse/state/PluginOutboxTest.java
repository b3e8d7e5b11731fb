// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Event;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.OpenVault;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

final class PluginOutboxTest {
    private static final String HEAD = "From: a@example.org\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n";
    private static final Address SENDER = Address.of("a@example.org");
    private static final List<Address> TO = List.of(Address.of("b@example.net"));

    @TempDir
    Path folder;

    private final List<Event> events = new ArrayList<>();
    private final StateHouse house = new StateHouse(new SimpleMeterRegistry(), new Clock(), 1_000_000, 100, 1_000);
    private @Nullable OpenVault open;
    private boolean full;

    @BeforeEach
    void open() throws IOException {
        open = new OpenVault(folder);
    }

    @AfterEach
    void close() throws Exception {
        spoolOwner().close();
        house.close();
    }

    private OpenVault spoolOwner() {
        OpenVault now = open;
        if (now == null) {
            throw new IllegalStateException("Not opened");
        }
        return now;
    }

    private Spool spool() {
        return spoolOwner().spool();
    }

    /** Commits as the queue does. */
    private final class Gate implements Intake {
        @Override
        public Receipt accept(List<Sealed.Admission> admissions, @Nullable Draft draft) throws SpoolException {
            Change change = new Change();
            for (Sealed.Admission a : admissions) {
                List<Progress> initial = new ArrayList<>();
                for (int i = 0; i < a.envelope().recipients().size(); i++) {
                    initial.add(Progress.initial(i, a.state(), a.due()));
                }
                change.add(new Change.Step.Store(a.envelope(), initial, draft));
            }
            spool().commit(change);
            return new Receipt(admissions.get(0).envelope().id(), 1);
        }

        @Override
        public Readiness readiness() {
            return full ? new Readiness(false, SpoolException.Kind.FULL, "full") : Readiness.OPEN;
        }
    }

    private PluginOutbox outbox() {
        return new PluginOutbox(house, events::add, "reporter", spool(), new Gate());
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void commitsUnjudgedAndTellsTheId() throws IOException {
        byte[] message = octets(HEAD + "\r\nHello\r\n");
        String id = outbox().submit(SENDER, List.of(TO.get(0), Address.of("c@example.net")), message);
        Spool.Stored stored = spool().load(MessageId.parse(id)).orElseThrow();
        assertEquals(SENDER, stored.envelope().sender().address());
        assertEquals(
                List.of(State.UNJUDGED, State.UNJUDGED),
                stored.progress().stream().map(Progress::state).toList());
        assertEquals("internal", stored.envelope().origin().listener());
        try (InputStream in = spool().content(stored.envelope()).open()) {
            assertArrayEquals(message, in.readAllBytes());
        }
        assertEquals("reporter", events.get(0).facts().get("plugin"));
        assertEquals(id, events.get(0).facts().get("id"));
    }

    @Test
    void tellsWhatTheNextHopMustKnow() throws IOException {
        String id = outbox().submit(Address.NULL, TO, octets(HEAD + "Subject: é\r\n\r\nx\r\n"));
        Spool.Stored stored = spool().load(MessageId.parse(id)).orElseThrow();
        assertTrue(stored.envelope().sender().smtpUtf8());
        assertEquals(BodyType.EIGHT_BIT, stored.envelope().sender().body());
        String plain = outbox().submit(Address.NULL, TO, octets(HEAD + "\r\né\r\n"));
        assertFalse(spool().load(MessageId.parse(plain))
                .orElseThrow()
                .envelope()
                .sender()
                .smtpUtf8());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "From: a@example.org\r\n\r\nno date\r\n",
                "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\nno from\r\n",
                HEAD + "From: b@example.org\r\n\r\ntwo\r\n",
                HEAD + "\r\nbare\nLF\r\n",
                HEAD + "\r\nbare\rCR\r\n",
                HEAD + "\r\nNUL\0\r\n",
                HEAD + "\r\nno end",
                HEAD + "no field\r\n\r\n",
                HEAD + "Sub ject: x\r\n\r\n",
                " folded: first\r\n" + HEAD + "\r\n"
            })
    void refusesWhatIsNoMessage(String message) {
        assertThrows(IllegalArgumentException.class, () -> outbox().submit(SENDER, TO, octets(message)));
        assertEquals(0, spool().counts().messages());
    }

    @Test
    void refusesLinesThatAreTooLong() throws IOException {
        outbox().submit(SENDER, TO, octets(HEAD + "\r\n" + "x".repeat(998) + "\r\n"));
        byte[] longer = octets(HEAD + "\r\n" + "x".repeat(999) + "\r\n");
        assertThrows(IllegalArgumentException.class, () -> outbox().submit(SENDER, TO, longer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nobody", "@example.org", "a\r\nDATA@example.org", "a>@example.org", "a@exa mple.org"})
    void refusesWhatIsNoMailbox(String mailbox) {
        byte[] message = octets(HEAD + "\r\n");
        List<Address> bad = List.of(Address.of(mailbox));
        assertThrows(IllegalArgumentException.class, () -> outbox().submit(SENDER, bad, message));
        assertThrows(IllegalArgumentException.class, () -> outbox().submit(SENDER, List.of(), message));
    }

    @Test
    void inShadowNothingIsSent() throws IOException {
        Scoped.run("reporter", HookScope.Mode.SHADOW, null, () -> {
            String id = outbox().submit(SENDER, TO, octets(HEAD + "\r\n"));
            assertEquals(id, MessageId.parse(id).toString());
        });
        assertEquals(0, spool().counts().messages());
        assertEquals(List.of(), events);
    }

    @Test
    void tellsWhenItCanNotBeKept() {
        full = true;
        assertThrows(IOException.class, () -> outbox().submit(SENDER, TO, octets(HEAD + "\r\n")));
        PluginOutbox early = new PluginOutbox(house, events::add, "reporter", null, null);
        assertThrows(IOException.class, () -> early.submit(SENDER, TO, octets(HEAD + "\r\n")));
    }
}
