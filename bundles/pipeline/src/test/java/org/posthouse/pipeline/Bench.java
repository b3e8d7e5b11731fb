// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.posthouse.api.Address;
import org.posthouse.api.Content;
import org.posthouse.api.Event;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Pipeline.Facts;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.pipeline.trace.ShadowReports;
import org.posthouse.pipeline.trace.TraceSettings;
import org.posthouse.pipeline.trace.Tracer;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;

/** A pipeline with hooks given as lambdas, and a spool in memory. */
final class Bench {
    static final Generation GENERATION = new Generation("test-plugin", "1.0.0", "1@00000000");

    final List<Event> events = new CopyOnWriteArrayList<>();
    final List<MemoryDraft> drafts = new CopyOnWriteArrayList<>();
    final Snapshots snapshots = new Snapshots();
    final Map<String, byte[]> stored = new HashMap<>();
    final Tracer tracer;
    final ShadowReports shadows = new ShadowReports(events::add);
    final Burden burden = new Burden();
    final Engine engine;
    final HookPipeline pipeline;
    private final Map<org.posthouse.api.Stage, List<Place>> order = new EnumMap<>(org.posthouse.api.Stage.class);

    Bench() {
        this(Tapes.none());
    }

    Bench(Tapes tapes) {
        this(tapes, new Tracer(new TraceSettings(100, 100, 1_000_000, 0)));
    }

    Bench(Tracer tracer) {
        this(Tapes.none(), tracer);
    }

    private Bench(Tapes tapes, Tracer tracer) {
        this.tracer = tracer;
        Spool spool = (Spool) Proxy.newProxyInstance(
                Bench.class.getClassLoader(),
                new Class<?>[] {Spool.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "draft" -> draft((MessageId) args[0]);
                    case "received" ->
                        content(stored.get(((Envelope) args[0]).id().toString()));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        Failures failures = new Failures(events::add, new SimpleMeterRegistry());
        engine = new Engine(snapshots, spool, failures, "mx.example.org", tracer, shadows, tapes);
        pipeline = new HookPipeline(engine);
    }

    MemoryDraft draft(MessageId id) {
        MemoryDraft draft = new MemoryDraft(id);
        drafts.add(draft);
        return draft;
    }

    /** Puts a hook behind those of its stage. */
    Place hook(org.posthouse.api.Stage stage, String name, Object hook, long millis, OnFailure failure, Need... needs) {
        return hook(stage, name, hook, GENERATION, millis, failure, needs);
    }

    Place hook(
            org.posthouse.api.Stage stage,
            String name,
            Object hook,
            Generation generation,
            long millis,
            OnFailure failure,
            Need... needs) {
        HookSpec spec =
                new HookSpec(name, generation.plugin(), stage, List.of(), List.of(), 0, Set.of(needs), millis, failure);
        return place(spec, generation, hook, Terms.PLAIN);
    }

    /** Puts a hook behind those of its stage, as the operator wants it. */
    Place hook(org.posthouse.api.Stage stage, String name, Object hook, Terms terms, Need... needs) {
        return hook(stage, name, hook, terms, 5000, needs);
    }

    Place hook(org.posthouse.api.Stage stage, String name, Object hook, Terms terms, long millis, Need... needs) {
        HookSpec spec = new HookSpec(
                name, GENERATION.plugin(), stage, List.of(), List.of(), 0, Set.of(needs), millis, OnFailure.DEFER);
        return place(spec, GENERATION, hook, terms);
    }

    private Place place(HookSpec spec, Generation generation, Object hook, Terms terms) {
        Place place = new Place(spec, generation, hook, terms, new Tally(burden), new Guard());
        place.rule(engine.failures());
        order.computeIfAbsent(spec.stage(), s -> new ArrayList<>()).add(place);
        snapshots.flip(order);
        return place;
    }

    Place hook(org.posthouse.api.Stage stage, String name, Object hook, Need... needs) {
        return hook(stage, name, hook, 5000, OnFailure.DEFER, needs);
    }

    /** Takes all hooks away. */
    void clear() {
        order.clear();
        snapshots.flip(order);
    }

    Conversation stranger() {
        return conversation("mx", false);
    }

    Conversation trusted() {
        return conversation("relay", true);
    }

    private Conversation conversation(String profile, boolean trusted) {
        return pipeline.open(facts(profile, trusted));
    }

    Facts facts(String profile, boolean trusted) {
        InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 4711);
        InetSocketAddress local = new InetSocketAddress("192.0.2.25", 25);
        return new Facts("S1", "feeder", profile, peer, local, "", trusted);
    }

    static Turn begin(Conversation conversation) {
        return conversation.begin(MessageId.next(), Sender.of(Address.of("a@example.com")));
    }

    /** MAIL and RCPT of a trusted client. */
    Turn transaction(String... recipients) {
        Turn turn = begin(trusted());
        turn.mail();
        for (String recipient : recipients) {
            turn.rcpt(Recipient.of(Address.of(recipient)));
        }
        return turn;
    }

    Decision message(Turn turn, String octets) throws Exception {
        MemoryDraft draft = draft(turn.id());
        byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
        draft.write(bytes, 0, bytes.length);
        return turn.message(draft, draft.finish(), "Received: by mx.example.org\r\n");
    }

    static String text(Content content) throws java.io.IOException {
        try (InputStream in = content.open()) {
            String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            if (text.length() != content.size()) {
                throw new AssertionError("size says " + content.size() + ", read " + text.length());
            }
            return text;
        }
    }

    /** Waits until the condition holds, for ten seconds at most. */
    static void await(BooleanSupplier condition) {
        await(Duration.ofSeconds(10), condition);
    }

    static void await(Duration most, BooleanSupplier condition) {
        long deadline = System.nanoTime() + most.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come true within " + most.toSeconds() + " s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    static Content content(byte[] octets) {
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(octets);
            }
        };
    }

    /** A draft in memory that knows whether it was thrown away. */
    static final class MemoryDraft implements Draft {
        private final MessageId id;
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        volatile boolean closed;

        MemoryDraft(MessageId id) {
            this.id = id;
        }

        @Override
        public MessageId id() {
            return id;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            octets.write(bytes, offset, length);
        }

        @Override
        public long size() {
            return octets.size();
        }

        @Override
        public Envelope.BodyRef finish() {
            String text = octets.toString(StandardCharsets.ISO_8859_1);
            int empty = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n") + 2;
            boolean none = empty == 1;
            int head = none ? text.length() : empty;
            int body = none ? text.length() : empty + 2;
            return new Envelope.BodyRef(id, false, text.length(), head, body, false, 0, "");
        }

        @Override
        public Content content() {
            return Bench.content(octets.toByteArray());
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
