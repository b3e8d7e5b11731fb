// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Envelope.Routing;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

/** The queue stage of one message: asks about the envelope and about each that hooks split off, and seals what is left. */
final class Sealing {
    /** So many envelopes may be made of one message. */
    private static final int MOST_ENVELOPES = 10_000;

    private final HookTurn turn;
    private final Place[] places;
    private final String stamp;
    private final TurnState state;
    private final String trace;
    private final @Nullable Envelope stored;
    private final Deque<Part> waiting = new ArrayDeque<>();
    private final List<Part> sealed = new ArrayList<>();
    private int envelopes = 1;

    /** An envelope on its way through the stage. */
    private static final class Part {
        private Dossier dossier;
        private final int from;
        private Decision decision = Decision.PROCEED;

        Part(Dossier dossier, int from) {
            this.dossier = dossier;
            this.from = from;
        }
    }

    Sealing(HookTurn turn, Snapshot snapshot, TurnState state, String trace, @Nullable Envelope stored) {
        this.turn = turn;
        this.places = snapshot.places(org.posthouse.api.Stage.QUEUE);
        this.stamp = snapshot.stamp(state.session().facts().session());
        this.state = state;
        this.trace = trace;
        this.stored = stored;
    }

    /** Asks, with what the data hooks decided before: Hold beats Discard over both stages. */
    Sealed seal(Dossier dossier, @Nullable Decision hold, @Nullable Decision discard) {
        waiting.add(new Part(dossier, 0));
        while (!waiting.isEmpty()) {
            Part part = waiting.remove();
            ask(part);
            if (part.decision.refuses()) {
                // All or nothing: the client sends the message again, so no envelope of it may stay.
                return new Sealed(part.decision, List.of());
            }
            if (hold != null) {
                part.decision = hold;
            } else if (discard != null && part.decision.action() == Decision.Action.PROCEED) {
                part.decision = discard;
            }
            sealed.add(part);
        }
        return admissions(dossier.id());
    }

    private void ask(Part part) {
        if (places.length == 0) {
            return;
        }
        Ballot ballot = turn.ballot(
                        org.posthouse.api.Stage.QUEUE,
                        "",
                        part.dossier,
                        (hook, overlay) -> ((QueueHook) hook)
                                .onQueue(turn.view(part.dossier, overlay), turn.message(part.dossier, overlay)),
                        overlay -> join(part, overlay))
                .of(() -> part.dossier.routing().tenant());
        Stage.ask(places, part.from, ballot);
        part.decision = ballot.decision();
    }

    private void join(Part part, Overlay overlay) {
        if (overlay.place().terms().shadow()) {
            turn.tried(part.dossier, overlay, envelopes == 1);
            return;
        }
        int next = indexOf(overlay.place()) + 1;
        part.dossier = turn.edited(part.dossier, overlay, envelopes == 1, children -> {
            if (envelopes + children.size() > MOST_ENVELOPES) {
                throw new IllegalStateException("more than " + MOST_ENVELOPES + " envelopes of one message");
            }
            envelopes += children.size();
            children.forEach(child -> waiting.add(new Part(child, next)));
        });
        state.join(overlay);
    }

    private int indexOf(Place place) {
        for (int i = 0; i < places.length; i++) {
            if (places[i] == place) {
                return i;
            }
        }
        throw new IllegalStateException("no place of this stage");
    }

    private Sealed admissions(MessageId id) {
        Decision overall = overall();
        List<Part> kept = sealed.stream()
                .filter(part -> part.decision.action() != Decision.Action.DISCARD)
                .filter(part -> !part.dossier.seats().isEmpty())
                .toList();
        if (kept.isEmpty()) {
            return new Sealed(overall.action() == Decision.Action.DISCARD ? overall : emptied(), List.of());
        }
        Instant now = Instant.now();
        List<Sealed.Admission> admissions = new ArrayList<>(kept.size());
        for (Part part : kept) {
            // The first envelope bears the id that the client is told and that the octets belong to.
            admissions.add(admission(part, admissions.isEmpty() ? id : part.dossier.id(), now));
        }
        Body body = Objects.requireNonNull(kept.get(0).dossier.body());
        return new Sealed(overall, admissions, body.replacement());
    }

    private static Decision emptied() {
        return new Decision(Decision.Action.DISCARD, null, "", "hooks removed every recipient");
    }

    /** HOLD when any envelope is held, DISCARD when all are thrown away. */
    private Decision overall() {
        Decision found = sealed.get(0).decision;
        for (Part part : sealed) {
            Decision.Action action = part.decision.action();
            if (action == Decision.Action.HOLD) {
                return part.decision;
            }
            if (action == Decision.Action.PROCEED) {
                found = part.decision;
            }
        }
        return found;
    }

    private Sealed.Admission admission(Part part, MessageId id, Instant now) {
        Dossier dossier = part.dossier;
        Body body = Objects.requireNonNull(dossier.body());
        boolean held = part.decision.action() == Decision.Action.HOLD;
        boolean edited = body.edited(dossier.head());
        Routing routing = dossier.routing();
        if (held) {
            String reason = part.decision.reason().isEmpty() ? "hook " + part.decision.hook() : part.decision.reason();
            routing = new Routing(routing.tenant(), routing.zone(), routing.priority(), routing.tags(), reason);
        }
        Envelope envelope = new Envelope(
                id,
                stored == null ? now : stored.received(),
                stored == null ? state.session().origin() : stored.origin(),
                dossier.sender(),
                dossier.recipients(),
                routing,
                trace,
                edited ? dossier.head().text() : "",
                edited,
                body.ref(),
                dossier.notes(),
                stamp);
        Instant due = dossier.due() != null && dossier.due().isAfter(now) ? dossier.due() : now;
        return new Sealed.Admission(envelope, held ? State.HELD : State.QUEUED, due);
    }
}
