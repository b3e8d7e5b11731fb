// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.posthouse.api.Address;
import org.posthouse.api.Content;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** What the tests of the spool share: small spools, messages, and waiting for a condition. */
final class Workbench {
    static final Settings SMALL = new Settings(1_000, 1_000, 0, 100_000, 0, 1_000_000, 8_000_000, 8_000_000);
    static final Instant DUE = Instant.ofEpochMilli(1_800_000_000_000L);
    static final String HEAD = "From: a@example.org\r\nSubject: hello\r\n";

    private Workbench() {}

    static RocksSpool open(Path folder) throws IOException {
        return open(folder, SMALL);
    }

    static RocksSpool open(Path folder, Settings settings) throws IOException {
        return open(folder, settings, () -> Long.MAX_VALUE, Faults.NONE);
    }

    static RocksSpool open(Path folder, Settings settings, SpaceWatch.Gauge gauge, Faults faults) throws IOException {
        return new RocksSpool(new RocksSpool.Parts(
                folder, settings, new Meters(new SimpleMeterRegistry()), entry -> {}, gauge, faults));
    }

    static byte[] message(int bodySize) {
        StringBuilder text = new StringBuilder(HEAD).append("\r\n");
        while (text.length() < HEAD.length() + 2 + bodySize) {
            text.append("The quick brown fox ").append(text.length()).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    static Draft draft(Spool spool, MessageId id, byte[] octets) throws IOException {
        Draft draft = spool.draft(id);
        try {
            for (int at = 0; at < octets.length; at += 700) {
                draft.write(octets, at, Math.min(700, octets.length - at));
            }
            return draft;
        } catch (IOException e) {
            draft.close();
            throw e;
        }
    }

    static Envelope envelope(MessageId id, Envelope.BodyRef body, int recipients) {
        List<Recipient> all = new ArrayList<>();
        for (int i = 0; i < recipients; i++) {
            all.add(Recipient.of(Address.of("user" + i + "@example.net")));
        }
        return new Envelope(
                id,
                Instant.now(),
                Envelope.Origin.INTERNAL,
                Sender.of(Address.of("a@example.org")),
                all,
                Envelope.Routing.PLAIN,
                "Received: by mx1\r\n",
                "",
                false,
                body,
                Map.of(),
                "stamp");
    }

    static List<Progress> queued(int recipients) {
        List<Progress> all = new ArrayList<>();
        for (int i = 0; i < recipients; i++) {
            all.add(Progress.initial(i, State.QUEUED, DUE));
        }
        return all;
    }

    /** Commits a message of so many octets to one recipient. */
    static Envelope put(Spool spool, int bodySize) throws IOException {
        return put(spool, message(bodySize), 1);
    }

    static Envelope put(Spool spool, byte[] octets, int recipients) throws IOException {
        MessageId id = MessageId.next();
        try (Draft draft = draft(spool, id, octets)) {
            Envelope envelope = envelope(id, draft.finish(), recipients);
            spool.commit(new Change()
                    .add(new Change.Step.Store(envelope, queued(recipients), draft))
                    .add(new Change.Step.Due(id, null, DUE)));
            return envelope;
        }
    }

    /** Commits a message together with a record that says it is here. */
    static Envelope putWithRecord(Spool spool, int bodySize) throws IOException {
        MessageId id = MessageId.next();
        try (Draft draft = draft(spool, id, message(bodySize))) {
            Envelope envelope = envelope(id, draft.finish(), 1);
            spool.commit(new Change()
                    .add(new Change.Step.Store(envelope, queued(1), draft))
                    .add(new Change.Step.Custody(id, record("here " + id)))
                    .add(new Change.Step.Due(id, null, DUE)));
            return envelope;
        }
    }

    /** Removes it, together with a record that says it is gone. */
    static void removeWithRecord(Spool spool, Envelope envelope) throws IOException {
        spool.commit(new Change()
                .add(new Change.Step.Remove(envelope, List.of(State.QUEUED)))
                .add(new Change.Step.Custody(envelope.id(), record("gone " + envelope.id())))
                .add(new Change.Step.Due(envelope.id(), DUE, null)));
    }

    static byte[] record(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static void remove(Spool spool, Envelope envelope, State... states) throws IOException {
        spool.commit(new Change()
                .add(new Change.Step.Remove(envelope, List.of(states)))
                .add(new Change.Step.Due(envelope.id(), DUE, null)));
    }

    static byte[] read(Content content) throws IOException {
        try (InputStream in = content.open()) {
            return in.readAllBytes();
        }
    }

    static Spool.DueEntry start() {
        return new Spool.DueEntry(Instant.EPOCH, new MessageId(0, 0));
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                Assertions.fail("The condition did not come true in 30 s");
            }
            Thread.onSpinWait();
        }
    }
}
