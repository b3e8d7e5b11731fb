// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Traces.Step;
import org.posthouse.pipeline.trace.ShadowReports;
import org.posthouse.pipeline.trace.Tracer;
import org.posthouse.pipeline.trace.Trail;

/**
 * Writes down what hooks say in one session or transaction: in its trail, when it has one, and in the reports on hooks in
 * shadow mode and on generations side by side. Where nobody wants to know, nothing is made of an answer.
 */
final class Minutes {
    private final Tracer tracer;
    private final ShadowReports reports;
    private final @Nullable Trail trail;
    private final String session;
    private final String id;
    private final String sender;

    /**
     * The minutes of a transaction, or of a session.
     *
     * @param engine who reads them
     * @param trail its trail, or null when it is not traced
     * @param session the session
     * @param id the message, or empty
     * @param sender the reverse-path it began with, or empty
     */
    Minutes(Engine engine, @Nullable Trail trail, String session, String id, String sender) {
        this.tracer = engine.tracer();
        this.reports = engine.shadows();
        this.trail = trail;
        this.session = session;
        this.id = id;
        this.sender = sender;
    }

    @Nullable
    Trail trail() {
        return trail;
    }

    /** Whether anybody wants to know what this hook says. */
    boolean wants(Place place) {
        return trail != null || place.terms().shadow() || HookAnswer.canary(place.terms());
    }

    /** Called by one thread at a time: the one whose turn it is. */
    void add(HookAnswer answer) {
        Trail kept = trail;
        if (kept == null && !answer.shadow() && !answer.canary()) {
            return;
        }
        long ended = kept == null ? 0 : kept.micros(System.nanoTime());
        long micros = answer.nanos() / 1000;
        Step step = new Step(
                answer.stage(),
                Trail.cut(answer.about()),
                answer.hook(),
                answer.generation().plugin(),
                answer.generation().version(),
                answer.generation().label(),
                answer.shadow() ? "shadow" : "enforce",
                Math.max(0, ended - micros),
                micros,
                verdict(answer.answer()),
                Trail.cut(answer.reply()),
                Trail.cut(answer.reason()),
                answer.edits(),
                answer.scores(),
                answer.results());
        if (kept != null) {
            kept.add(step);
        }
        if (answer.shadow()) {
            reports.answered(ShadowReports.SHADOW, step, session, id, sender);
        } else if (answer.canary()) {
            reports.answered(ShadowReports.CANARY, step, session, id, sender);
        }
    }

    private static String verdict(String answer) {
        return switch (answer) {
            case "Continue" -> "continue";
            case "Accept" -> "accept";
            case "Reject" -> "reject";
            default -> answer.startsWith("failed") ? answer : answer.toLowerCase(Locale.ROOT);
        };
    }

    /** How it stands now. */
    void decided(String how) {
        if (trail != null) {
            trail.decided(how);
        }
    }

    /** A message that is in the queue already got more. */
    void grown() {
        if (trail != null) {
            tracer.grown(trail, List.of());
        }
    }

    /** Nothing more is said; other messages were made of this one. */
    void end(List<String> others) {
        if (trail != null) {
            tracer.ended(trail, others);
        }
    }
}
