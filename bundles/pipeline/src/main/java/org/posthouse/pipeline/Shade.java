// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Note;
import org.posthouse.api.Verdict;

/**
 * All that the hooks of one generation in shadow mode would have left in one transaction, and that only they see. Notes of
 * session and transaction scope stand in the notebooks, under a key of their own.
 *
 * <p>A new body and a split are not shown to later stages: they would be another message. Written and read by the thread
 * whose turn it is; an overdue hook reads what was there when its turn began.
 */
final class Shade {
    private volatile List<Edit> edits = List.of();
    private volatile Map<String, Object> notes = Map.of();
    private volatile Map<String, Double> scores = Map.of();
    private volatile List<AuthResults.Result> results = List.of();
    private volatile boolean over;

    /** A hook would have left this. */
    void join(Overlay overlay) {
        if (!overlay.edits().isEmpty()) {
            List<Edit> more = new ArrayList<>(edits);
            overlay.edits().stream()
                    .filter(edit -> !(edit instanceof Edit.ReplaceBody || edit instanceof Edit.Split))
                    .forEach(more::add);
            edits = List.copyOf(more);
        }
        overlay.notes().forEach((note, value) -> {
            if (note.scope() == Note.Scope.MESSAGE) {
                Map<String, Object> more = new HashMap<>(notes);
                more.put(note.name(), value);
                notes = Map.copyOf(more);
            }
        });
        if (!overlay.scores().isEmpty()) {
            Map<String, Double> sums = new HashMap<>(scores);
            overlay.scores().forEach((symbol, points) -> sums.merge(symbol, points, Double::sum));
            scores = Map.copyOf(sums);
        }
        if (!overlay.results().isEmpty()) {
            List<AuthResults.Result> more = new ArrayList<>(results);
            more.addAll(overlay.results());
            results = List.copyOf(more);
        }
    }

    /** A hook would have refused: the recipient would not be there, or the transaction would be over. */
    void refused(org.posthouse.api.Stage stage, Verdict.Refusal verdict, String about) {
        if (stage == org.posthouse.api.Stage.RCPT && !(verdict instanceof Verdict.Disconnect)) {
            List<Edit> more = new ArrayList<>(edits);
            more.add(new Edit.RemoveRecipient(Address.of(about)));
            edits = List.copyOf(more);
        } else {
            over = true;
        }
    }

    /** Whether the hooks would not be asked any more. */
    boolean over() {
        return over;
    }

    /** A dossier as it would be; what can not be applied to it is left out. */
    Dossier over(Dossier dossier) {
        Dossier now = dossier;
        for (Edit edit : edits) {
            try {
                Desk desk = new Desk(now);
                desk.apply(List.of(edit));
                now = desk.done(now.notes());
            } catch (IllegalStateException | IllegalArgumentException e) {
                continue; // Others have changed the message since; the edit was legal when it was staged.
            }
        }
        if (notes.isEmpty()) {
            return now;
        }
        Map<String, Object> all = new HashMap<>(now.notes());
        all.putAll(notes);
        return now.with(all);
    }

    Map<String, Double> over(Map<String, Double> real) {
        if (scores.isEmpty()) {
            return real;
        }
        Map<String, Double> sums = new HashMap<>(real);
        scores.forEach((symbol, points) -> sums.merge(symbol, points, Double::sum));
        return Map.copyOf(sums);
    }

    AuthResults over(AuthResults real) {
        if (results.isEmpty()) {
            return real;
        }
        List<AuthResults.Result> all = new ArrayList<>(real.all());
        all.addAll(results);
        return new AuthResults(all);
    }
}
