// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Content;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Note;

/**
 * All that one hook stages in one turn: edits, notes, scores, results. It joins the transaction when the hook returns in
 * time, and is dropped else. Closed when the turn is over: a plugin's own threads can not stage anything later.
 */
final class Overlay {
    private final Place place;
    private @Nullable List<Edit> edits;
    private @Nullable Map<Note<?>, Object> notes;
    private @Nullable Map<String, Double> scores;
    private @Nullable List<AuthResults.Result> results;
    private @Nullable List<String> withdrawn;
    private @Nullable List<SpooledBody> bodies;
    private @Nullable List<InputStream> streams;
    private volatile @Nullable SecurityException refused;
    private boolean closed;

    Overlay(Place place) {
        this.place = place;
    }

    Place place() {
        return place;
    }

    /** Refuses what the hook did not declare. */
    void require(Need need) {
        if (!place.has(need)) {
            refused = new SecurityException(
                    "hook " + place.name() + " did not declare needs = " + need + ", which this call requires");
            throw refused;
        }
    }

    /** That it asked for what it did not declare, whatever it made of the refusal; else null. */
    @Nullable
    SecurityException refused() {
        return refused;
    }

    synchronized void stage(Edit edit) {
        open();
        edits = added(edits, edit);
    }

    synchronized void stage(Note<?> note, Object value) {
        open();
        Map<Note<?>, Object> map = notes == null ? new LinkedHashMap<>(4) : notes;
        map.put(note, value);
        notes = map;
    }

    synchronized void stage(String symbol, double points) {
        open();
        Map<String, Double> map = scores == null ? new LinkedHashMap<>(4) : scores;
        map.merge(symbol, points, Double::sum);
        scores = map;
    }

    synchronized void stage(AuthResults.Result result) {
        open();
        results = added(results, result);
    }

    synchronized void withdraw(String extension) {
        open();
        withdrawn = added(withdrawn, extension);
    }

    synchronized SpooledBody stage(SpooledBody body) {
        open();
        bodies = added(bodies, body);
        return body;
    }

    private void open() {
        if (closed) {
            throw new IllegalStateException("the turn of hook " + place.name() + " is over");
        }
    }

    private static <T> List<T> added(@Nullable List<T> list, T value) {
        List<T> to = list == null ? new ArrayList<>(4) : list;
        to.add(value);
        return to;
    }

    synchronized <T> Optional<T> own(Note<T> note) {
        Object value = notes == null ? null : notes.get(note);
        return Optional.ofNullable(note.type().cast(value));
    }

    synchronized List<Edit> edits() {
        return edits == null ? List.of() : edits;
    }

    synchronized Map<Note<?>, Object> notes() {
        return notes == null ? Map.of() : notes;
    }

    synchronized Map<String, Double> scores() {
        return scores == null ? Map.of() : scores;
    }

    synchronized List<AuthResults.Result> results() {
        return results == null ? List.of() : results;
    }

    synchronized List<String> withdrawn() {
        return withdrawn == null ? List.of() : withdrawn;
    }

    /** Octets whose streams are closed with the turn, so that a hook can not leak files. */
    Content guarded(Content content) {
        return new Content() {
            @Override
            public long size() {
                return content.size();
            }

            @Override
            public InputStream open() throws IOException {
                return remember(content.open());
            }
        };
    }

    private synchronized InputStream remember(InputStream stream) throws IOException {
        if (closed) {
            stream.close();
            throw new IOException("the turn of hook " + place.name() + " is over");
        }
        InputStream guarded = new FilterInputStream(stream) {};
        streams = added(streams, guarded);
        return guarded;
    }

    /** The turn is over: nothing more is staged; streams are closed, and bodies that nobody took are thrown away. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (streams != null) {
            streams.forEach(Overlay::closeQuietly);
        }
        if (bodies != null) {
            bodies.forEach(SpooledBody::throwAwayUnlessTaken);
        }
    }

    /** Nothing of it joins: closed, and so are the notes that would have been closed at the end of their scope. */
    void drop() {
        close();
        List<AutoCloseable> orphans = new ArrayList<>(0);
        for (Object value : notes().values()) {
            if (value instanceof AutoCloseable closeable) {
                orphans.add(closeable);
            }
        }
        Notebook.closeAll(orphans, () -> {});
    }

    private static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            org.slf4j.LoggerFactory.getLogger(Overlay.class).debug("closing a stream that a hook left open", e);
        }
    }
}
