// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Tells log, event log and meters of every failure of a hook; the client learns nothing of it. */
public final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private final EventSink events;
    private final MeterRegistry meters;

    public Failures(EventSink events, MeterRegistry meters) {
        this.events = events;
        this.meters = meters;
    }

    /** Never throws: it is called between a hook's turn and the reply. */
    void report(Place place, Failure kind, String detail, @Nullable Throwable cause, String session, String tx) {
        try {
            place.counted(kind);
            if (!kind.rejection()) {
                meters.counter("posthouse.hook.failures", "hook", place.name(), "kind", kind.word())
                        .increment();
            }
            events.publish(event(place, kind, detail, session, tx));
            log(place, kind, detail, cause, session, tx);
        } catch (RuntimeException | LinkageError e) {
            LOG.error("A failure of hook {} could not be reported", place.name(), e);
        }
    }

    /** Reports a failure by its kind alone: what an authenticator throws may quote the password that it was given. */
    void reportWordless(Place place, Failure kind, @Nullable Throwable cause, String session) {
        report(place, kind, type(cause), null, session, "");
    }

    /** The type of what was thrown and where, or empty. */
    static String type(@Nullable Throwable cause) {
        return cause instanceof Thrown thrown ? thrown.place() : "";
    }

    private static Event event(Place place, Failure kind, String detail, String session, String tx) {
        Generation generation = place.generation();
        return Event.of(Event.Type.HOOK_FAILURE)
                .with("hook", place.name())
                .with("stage", place.spec().stage().name())
                .with("plugin", generation.plugin())
                .with("version", generation.version())
                .with("generation", generation.label())
                .with("kind", kind.word())
                .with("onFailure", place.onFailure().name())
                .with("detail", detail)
                .with("session", session)
                .with("id", tx)
                .build();
    }

    /** The breaker of a hook changed its state. Never throws: it is called between a hook's turn and the reply. */
    void turned(Place place, Breaker.State before, Breaker.State now) {
        try {
            Generation generation = place.generation();
            boolean opened = now == Breaker.State.OPEN;
            events.publish(Event.of(opened ? Event.Type.HOOK_FAILURE : Event.Type.PLUGIN)
                    .with("hook", place.name())
                    .with("stage", place.spec().stage().name())
                    .with("plugin", generation.plugin())
                    .with("version", generation.version())
                    .with("generation", generation.label())
                    .with(opened ? "kind" : "action", "breaker " + now.word())
                    .with("onFailure", opened ? place.onFailure().name() : "")
                    .with("detail", opened ? place.detail(Failure.BREAKER) : "before: " + before.word())
                    .build());
            LOG.atLevel(opened ? Level.WARN : Level.INFO)
                    .log(
                            "Breaker of hook {} of plugin {} {} ({}) at {} is {}, before: {}{}",
                            place.name(),
                            generation.plugin(),
                            generation.version(),
                            generation.label(),
                            place.spec().stage(),
                            now.word(),
                            before.word(),
                            opened
                                    ? "; its failure verdict is " + place.onFailure() + ", given without asking it"
                                    : "");
        } catch (RuntimeException | LinkageError e) {
            LOG.error("A change of the breaker of hook {} could not be reported", place.name(), e);
        }
    }

    private static void log(
            Place place, Failure kind, String detail, @Nullable Throwable cause, String session, String tx) {
        if (!place.tally().mayLog(System.currentTimeMillis())) {
            return;
        }
        long unlogged = place.tally().takeUnlogged();
        String more = unlogged == 0 ? "" : " (" + unlogged + " more since the last line)";
        String plugin = place.generation().plugin();
        if (kind == Failure.MISSING) {
            LOG.warn(
                    "Hook {} of plugin {} is missing at {}, its failure verdict is {}; session={} id={}. Put its jar and"
                            + " configuration back, or accept the loss with: posthouse plugin remove {}{}",
                    place.name(),
                    plugin,
                    place.spec().stage(),
                    place.onFailure(),
                    session,
                    tx,
                    plugin,
                    more);
            return;
        }
        LOG.warn(
                "Hook {} of plugin {} {} ({}) failed at {}: {}: {}; its failure verdict is {}; session={} id={}{}",
                place.name(),
                plugin,
                place.generation().version(),
                place.generation().label(),
                place.spec().stage(),
                kind.word(),
                cause == null || kind == Failure.ILLEGAL ? detail : cause.toString(),
                place.onFailure(),
                session,
                tx,
                more,
                worthATrace(kind, cause) ? cause : null);
    }

    /** Ours says all in its message, and that of an endless recursion is a thousand lines long. */
    private static boolean worthATrace(Failure kind, @Nullable Throwable cause) {
        return kind == Failure.EXCEPTION && !(cause instanceof Thrown thrown && thrown.overflow());
    }
}
