// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Event;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Traces;

/** One trace of a message that was tagged, once deferred and then delivered, and watches that store nothing. */
public final class FakeTraces implements Traces {
    /** The id of the one message. */
    public static final String ID = "01HF7YAT000000000000000007";

    private static final Instant BEGUN = Instant.parse("2026-11-25T08:00:00.250Z");

    private final List<Watch> watches = new ArrayList<>();

    @Override
    public Optional<Trace> find(String id) {
        return id.equals(ID) || id.equals("01HF7YAT00SESSION") ? Optional.of(trace()) : Optional.empty();
    }

    @Override
    public List<Trace> recent(int most) {
        Trace refused = new Trace(
                "01HF7YAT000000000000000008",
                "01HF7YAT00OTHER",
                BEGUN.plusSeconds(4),
                Map.of("sender", "<script>@evil.example", "peer", "192.0.2.66", "recipients", "b@example.net"),
                List.of(step(Stage.MAIL, "", "block-sender", 120, 14, "reject", "550 5.7.1 Sender domain refused")),
                "550 5.7.1 Sender domain refused",
                List.of());
        return List.of(refused, trace()).subList(0, Math.min(most, 2));
    }

    private static Trace trace() {
        return new Trace(
                ID,
                "01HF7YAT00SESSION",
                BEGUN,
                Map.of(
                        "listener", "mx",
                        "peer", "192.0.2.7",
                        "helo", "client.example.org",
                        "sender", "a@example.org",
                        "recipients", "b@example.net, <c>@example.net"),
                List.of(
                        step(Stage.CONNECT, "", "connect-limits", 0, 40, "continue", ""),
                        step(Stage.MAIL, "", "block-sender", 31_000, 13, "continue", ""),
                        step(Stage.RCPT, "b@example.net", "relay-domains", 62_000, 25, "accept", ""),
                        step(Stage.RCPT, "<c>@example.net", "relay-domains", 93_000, 22, "accept", ""),
                        new Step(
                                Stage.RCPT,
                                "<c>@example.net",
                                "greylist",
                                "greylist",
                                "1.0.0",
                                "1@5e6f7a8b",
                                "shadow",
                                93_100,
                                1_900,
                                "defer",
                                "451 4.7.1 Try later",
                                "first seen",
                                List.of(),
                                Map.of(),
                                List.of()),
                        new Step(
                                Stage.DATA,
                                "",
                                "rules",
                                "rules",
                                "1.0.0",
                                "2@9c8d7e6f",
                                "enforce",
                                130_000,
                                48_000,
                                "hold",
                                "",
                                "matches rule 'odd <subject>'",
                                List.of("add header X-Odd: yes", "tag odd"),
                                Map.of("ODD_SUBJECT", 3.5),
                                List.of("spf=pass")),
                        step(Stage.QUEUE, "", "broken", 181_000, 5_000_000, "failed: timeout", "")),
                "queued",
                List.of(
                        new Event(Event.Type.RECEPTION, BEGUN.plusMillis(5182), Map.of("id", ID, "size", 4711L)),
                        new Event(
                                Event.Type.TRANSIENT_FAILURE,
                                BEGUN.plusMillis(5400),
                                Map.of(
                                        "host",
                                        "mx.example.net",
                                        "reply",
                                        "450 4.2.0 Later",
                                        "recipient",
                                        "b@example.net")),
                        new Event(
                                Event.Type.DELIVERY,
                                BEGUN.plusSeconds(65),
                                Map.of("host", "mx.example.net", "recipient", "b@example.net"))));
    }

    private static Step step(
            Stage stage, String about, String hook, long at, long micros, String verdict, String reply) {
        return new Step(
                stage,
                about,
                hook,
                hook,
                "1.0.0",
                "1@1a2b3c4d",
                "enforce",
                at,
                micros,
                verdict,
                reply,
                "",
                List.of(),
                Map.of(),
                List.of());
    }

    @Override
    public synchronized Watch watch(Wanted wanted) {
        if (wanted.peer().startsWith("999")) {
            throw new IllegalArgumentException("no network: " + wanted.peer());
        }
        Watch watch = new Watch("w" + (watches.size() + 1), wanted, BEGUN, 0);
        watches.add(watch);
        return watch;
    }

    @Override
    public synchronized List<Watch> watches() {
        return List.copyOf(watches);
    }

    @Override
    public synchronized boolean unwatch(String id) {
        return watches.removeIf(watch -> watch.id().equals(id));
    }

    @Override
    public List<String> stored() {
        return List.of(ID);
    }
}
