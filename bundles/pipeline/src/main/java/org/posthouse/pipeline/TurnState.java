// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Note;

/** What belongs to one transaction whatever becomes of its envelopes: notes, scores, results. */
final class TurnState {
    private final SessionState session;
    private final Notebook notes = new Notebook();
    private final Minutes minutes = new Minutes();
    private volatile Map<String, Double> scores = Map.of();
    private volatile AuthResults results = AuthResults.NONE;

    TurnState(SessionState session) {
        this.session = session;
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

    Map<String, Double> scores() {
        return scores;
    }

    AuthResults results() {
        return results;
    }

    /** What a hook left joins, but for its edits and message notes, which belong to an envelope. */
    void join(Overlay overlay) {
        overlay.notes().forEach((note, value) -> {
            if (note.scope() == Note.Scope.SESSION) {
                session.notes().put(note, value, overlay.place().generation());
            } else if (note.scope() == Note.Scope.TRANSACTION) {
                notes.put(note, value, overlay.place().generation());
            }
        });
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
