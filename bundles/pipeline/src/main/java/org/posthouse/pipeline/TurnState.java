// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Note;

/** What belongs to one transaction whatever becomes of its envelopes: notes, scores, results. */
final class TurnState {
    private final SessionState session;
    private final Notebook notes = new Notebook();
    private final Minutes minutes;
    private final @Nullable Tape tape;
    private final Map<Generation, Shade> shades = new ConcurrentHashMap<>(0);
    private volatile Map<String, Double> scores = Map.of();
    private volatile AuthResults results = AuthResults.NONE;

    TurnState(SessionState session, Minutes minutes, @Nullable Tape tape) {
        this.session = session;
        this.minutes = minutes;
        this.tape = tape;
    }

    SessionState session() {
        return session;
    }

    Notebook notes() {
        return notes;
    }

    Minutes minutes() {
        return minutes;
    }

    /** Where the transaction is recorded, or null. */
    @Nullable
    Tape tape() {
        return tape;
    }

    /** What hooks of this generation in shadow mode would have left. */
    Shade shade(Generation generation) {
        return shades.computeIfAbsent(generation, g -> new Shade());
    }

    private @Nullable Shade shade(Place reader) {
        return reader.terms().shadow() ? shades.get(reader.generation()) : null;
    }

    /** Whether a hook in shadow mode would not be asked any more, since it would have refused before. */
    boolean over(Place place) {
        Shade shade = shade(place);
        return shade != null && shade.over();
    }

    /** A dossier as this hook sees it. */
    Dossier shown(Dossier dossier, Place reader) {
        Shade shade = shade(reader);
        return shade == null ? dossier : shade.over(dossier);
    }

    /** The scores as this hook sees them. */
    Map<String, Double> scores(Place reader) {
        Shade shade = shade(reader);
        return shade == null ? scores : shade.over(scores);
    }

    AuthResults results() {
        return results;
    }

    /** The results as this hook sees them. */
    AuthResults results(Place reader) {
        Shade shade = shade(reader);
        return shade == null ? results : shade.over(results);
    }

    /** What a hook left joins, but for its edits and message notes, which belong to an envelope. */
    void join(Overlay overlay) {
        overlay.notes().forEach((note, value) -> {
            if (note.scope() == Note.Scope.SESSION) {
                session.notes().put(note, value, overlay.place());
            } else if (note.scope() == Note.Scope.TRANSACTION) {
                notes.put(note, value, overlay.place());
            }
        });
        if (overlay.place().terms().shadow()) {
            shade(overlay.place().generation()).join(overlay);
            return;
        }
        if (!overlay.scores().isEmpty()) {
            Map<String, Double> sums = new HashMap<>(scores);
            overlay.scores().forEach((symbol, points) -> sums.merge(symbol, points, Double::sum));
            scores = Map.copyOf(sums);
        }
        if (!overlay.results().isEmpty()) {
            List<AuthResults.Result> all = new ArrayList<>(results.all());
            all.addAll(overlay.results());
            results = new AuthResults(all);
        }
    }

    /** The message notes of a dossier after a hook left its own. */
    static Map<String, Object> messageNotes(Map<String, Object> before, Overlay overlay) {
        Map<String, Object> next = null;
        for (Map.Entry<Note<?>, Object> entry : overlay.notes().entrySet()) {
            if (entry.getKey().scope() == Note.Scope.MESSAGE) {
                next = next == null ? new HashMap<>(before) : next;
                next.put(entry.getKey().name(), entry.getValue());
            }
        }
        return next == null ? before : next;
    }
}
