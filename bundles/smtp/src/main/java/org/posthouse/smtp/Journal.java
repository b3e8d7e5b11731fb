// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.posthouse.api.Event;
import org.posthouse.api.Reply;
import org.posthouse.api.Stage;
import org.posthouse.telemetry.spi.EventSink;

/** What one listener tells the event log and the meters. */
final class Journal implements AutoCloseable {
    private final String listener;
    private final EventSink events;
    private final MeterRegistry meters;
    private final Counter connections;
    private final Counter received;
    private final DistributionSummary sizes;
    private final Timer acceptance;
    private final Gauge active;
    private final Map<String, Counter> commands = new ConcurrentHashMap<>();

    Journal(String listener, EventSink events, MeterRegistry meters, Supplier<Number> connectionsNow) {
        this.listener = listener;
        this.events = events;
        this.meters = meters;
        this.connections = meters.counter("posthouse.smtp.connections", "listener", listener);
        this.received = meters.counter("posthouse.smtp.messages.received", "listener", listener);
        this.sizes = DistributionSummary.builder("posthouse.smtp.message.size")
                .baseUnit("bytes")
                .tag("listener", listener)
                .register(meters);
        this.acceptance = Timer.builder("posthouse.smtp.accept")
                .description("From the final dot to 250")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(10))
                .tag("listener", listener)
                .register(meters);
        this.active = Gauge.builder("posthouse.smtp.connections.active", connectionsNow)
                .tag("listener", listener)
                .register(meters);
    }

    void connected() {
        connections.increment();
    }

    /** Counts a command by its verb; unknown ones are counted together, for a client can invent any number. */
    void command(String verb) {
        commands.computeIfAbsent(verb, v -> meters.counter("posthouse.smtp.commands", "listener", listener, "verb", v))
                .increment();
    }

    /** A message was accepted. */
    void received(Dialogue dialogue, Dialogue.Transaction transaction, long size, long nanos, int copies) {
        received.increment();
        sizes.record(size);
        acceptance.record(Duration.ofNanos(nanos));
        events.publish(reception(dialogue, transaction, size)
                .with("millis", nanos / 1_000_000)
                .with("copies", copies)
                .build());
    }

    /** A message was accepted and thrown away, because this hook said so. */
    void discarded(Dialogue dialogue, Dialogue.Transaction transaction, long size, String hook, String reason) {
        meters.counter("posthouse.smtp.messages.discarded", "listener", listener)
                .increment();
        events.publish(reception(dialogue, transaction, size)
                .with("discardedBy", hook)
                .with("reason", reason)
                .with("copies", 0)
                .build());
    }

    private Event.Builder reception(Dialogue dialogue, Dialogue.Transaction transaction, long size) {
        return about(Event.Type.RECEPTION, dialogue)
                .with("id", transaction.turn().id().toString())
                .with("helo", dialogue.helo())
                .with("tls", dialogue.tls())
                .with("sender", transaction.sender().address().toString())
                .with("recipients", transaction.recipients())
                .with("size", size);
    }

    /**
     * A command or message was refused.
     *
     * @param about address or id that was refused, or empty
     * @param hook the hook that refused it, or empty
     * @param reason why, for the log
     */
    void rejected(Dialogue dialogue, Stage stage, Reply reply, String about, String hook, String reason) {
        String name = stage.name().toLowerCase(Locale.ROOT);
        meters.counter("posthouse.smtp.rejected", "listener", listener, "stage", name, "code", "" + reply.code())
                .increment();
        Dialogue.Transaction transaction = dialogue.transaction();
        Event.Builder event = about(Event.Type.REJECTION, dialogue)
                .with("stage", name)
                .with(reply)
                .with("hook", hook)
                .with("reason", reason)
                .with("helo", dialogue.helo());
        if (transaction != null) {
            event.with("id", transaction.turn().id().toString())
                    .with("sender", transaction.sender().address().toString());
        }
        events.publish(
                event.with(stage == Stage.RCPT ? "recipient" : "about", about).build());
    }

    /**
     * A client authenticated, or tried to.
     *
     * @param user who it is or says to be, or empty
     * @param result granted, denied, unavailable, malformed or exhausted
     * @param reason why, for the log; never anything the client sent but its name
     */
    void authentication(Dialogue dialogue, String mechanism, String user, String result, String reason) {
        meters.counter("posthouse.smtp.auth", "listener", listener, "mechanism", mechanism, "result", result)
                .increment();
        events.publish(about(Event.Type.AUTHENTICATION, dialogue)
                .with("helo", dialogue.helo())
                .with("tls", dialogue.tls())
                .with("mechanism", mechanism)
                .with("user", user)
                .with("result", result)
                .with("reason", reason)
                .build());
    }

    /** A connection ended in an unusual way. */
    void ended(String session, InetSocketAddress peer, String what, String detail) {
        events.publish(Event.of(Event.Type.CONNECTION)
                .with("session", session)
                .with("listener", listener)
                .with("peer", peer.getAddress().getHostAddress())
                .with("what", what)
                .with("detail", detail)
                .build());
    }

    private Event.Builder about(Event.Type type, Dialogue dialogue) {
        return Event.of(type)
                .with("session", dialogue.id())
                .with("listener", listener)
                .with("peer", dialogue.peer().getAddress().getHostAddress());
    }

    /** Takes away what speaks of a listener that is gone. */
    @Override
    public void close() {
        meters.remove(active);
    }
}
