// SPDX-License-Identifier: Apache-2.0
package org.posthouse.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.posthouse.api.Address;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.Burden;
import org.posthouse.pipeline.Engine;
import org.posthouse.pipeline.Failures;
import org.posthouse.pipeline.Generation;
import org.posthouse.pipeline.Guard;
import org.posthouse.pipeline.HookPipeline;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.Place;
import org.posthouse.pipeline.Snapshots;
import org.posthouse.pipeline.Tally;
import org.posthouse.pipeline.Terms;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Pipeline.Facts;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.pipeline.trace.TraceSettings;
import org.posthouse.pipeline.trace.Tracer;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;

/**
 * What a stage costs with so many hooks that do nothing, asked from a virtual thread as in a session. What one hook costs is
 * the difference between ten and one, divided by nine.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Djdk.virtualThreadScheduler.parallelism=16",
            // The measuring thread is a virtual one, as that of a session is.
            "-Djmh.executor=VIRTUAL"
        })
public class HookCost {
    private static final Recipient RECIPIENT = Recipient.of(Address.of("b@example.net"));
    private static final Sender SENDER = Sender.of(Address.of("a@example.com"));

    /** The number of empty hooks at each stage. */
    @Param({"0", "1", "10", "100"})
    public int hooks;

    /** What contains each hook: nothing, the breaker as shipped, or a bulkhead beside it. */
    @Param({"shipped", "none", "bulkhead"})
    public String guard;

    /** Whether sessions are traced; only whole transactions are worth a look then, since a trail is bounded. */
    @Param({"off", "on"})
    public String trace;

    private Conversation conversation;
    private Turn turn;

    /** Opens a session and a transaction over the hooks. */
    @Setup(Level.Trial)
    public void open() {
        Snapshots snapshots = new Snapshots();
        Failures failures = new Failures(event -> {}, new SimpleMeterRegistry());
        snapshots.flip(order(failures));
        Engine off = new Engine(snapshots, spool(), failures, "mx.example.org");
        Tracer tracer = new Tracer(trace.equals("on") ? TraceSettings.DEFAULT : TraceSettings.OFF);
        HookPipeline pipeline = new HookPipeline(
                new Engine(snapshots, spool(), failures, "mx.example.org", tracer, off.shadows(), off.tapes()));
        InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 4711);
        conversation = pipeline.open(new Facts("S1", "mx", "mx", peer, peer, "", true));
        turn = conversation.begin(MessageId.next(), SENDER);
    }

    private Map<Stage, List<Place>> order(Failures failures) {
        Generation generation = new Generation("bench", "1.0.0", "1@00000000");
        Map<Stage, List<Place>> order = new EnumMap<>(Stage.class);
        for (int i = 0; i < hooks; i++) {
            Empty hook = new Empty();
            for (Stage stage : List.of(Stage.HELO, Stage.MAIL, Stage.RCPT)) {
                HookSpec spec = new HookSpec(
                        "h" + i, "bench", stage, List.of(), List.of(), 0, Set.of(), 5000, OnFailure.DEFER);
                Place place = new Place(spec, generation, hook, terms(), new Tally(new Burden()), new Guard());
                place.rule(failures);
                order.computeIfAbsent(stage, s -> new ArrayList<>()).add(place);
            }
        }
        return order;
    }

    private Terms terms() {
        Terms.Breaking shipped = new Terms.Breaking(50, 100, 10_000);
        return switch (guard) {
            case "none" -> Terms.PLAIN;
            case "shipped" -> new Terms(false, Set.of(), Set.of(), 0, 100, 0, shipped);
            case "bulkhead" -> new Terms(false, Set.of(), Set.of(), 0, 100, 100, shipped);
            default -> throw new IllegalArgumentException(guard);
        };
    }

    private static Spool spool() {
        return (Spool) Proxy.newProxyInstance(
                HookCost.class.getClassLoader(), new Class<?>[] {Spool.class}, (proxy, method, args) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** A hook of three stages without an opinion. */
    private static final class Empty implements HeloHook, MailHook, RcptHook {
        @Override
        public Verdict onHelo(org.posthouse.api.Session session) {
            return Verdict.next();
        }

        @Override
        public Verdict onMail(org.posthouse.api.Transaction tx, Sender sender) {
            return Verdict.next();
        }

        @Override
        public Verdict onRcpt(org.posthouse.api.Transaction tx, Recipient recipient) {
            return Verdict.next();
        }
    }

    /** Asks the helo hooks. */
    @Benchmark
    public Decision helo() {
        return conversation.helo("client.example", true);
    }

    /** Asks the mail hooks. */
    @Benchmark
    public Decision mail() {
        return turn.mail();
    }

    /** A whole transaction without a message: begun, MAIL, one RCPT, aborted. */
    @Benchmark
    public Decision transaction() {
        try (Turn next = conversation.begin(MessageId.next(), SENDER)) {
            next.mail();
            return next.rcpt(RECIPIENT);
        }
    }

    /** Ends both. */
    @TearDown(Level.Trial)
    public void close() {
        turn.close();
        conversation.close();
    }
}
