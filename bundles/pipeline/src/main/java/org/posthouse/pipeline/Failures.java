// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
            place.failed();
            meters.counter("posthouse.hook.failures", "hook", place.name(), "kind", kind.word())
                    .increment();
            events.publish(event(place, kind, detail, session, tx));
            log(place, kind, detail, cause, session, tx);
        } catch (RuntimeException | LinkageError e) {
            LOG.error("A failure of hook {} could not be reported", place.name(), e);
        }
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
        return kind == Failure.EXCEPTION && !(cause instanceof StackOverflowError);
    }
}
