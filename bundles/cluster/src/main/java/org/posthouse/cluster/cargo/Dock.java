// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.cargo;

import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has arrived from other members and is not part of the spool yet: bodies in drafts, and envelopes whose bodies are
 * here. What nobody asks for is thrown away after a while.
 */
public final class Dock {
    private static final long FORGOTTEN = 30_000;
    private static final Logger LOG = LoggerFactory.getLogger(Dock.class);

    /** A body that arrives or has arrived. */
    private static final class Body {
        final Draft draft;
        long written;
        long touched;
        Envelope.@Nullable BodyRef whole;

        Body(Draft draft, long touched) {
            this.draft = draft;
            this.touched = touched;
        }
    }

    private record Landed(Envelope envelope, List<MessageId> bodies, long touched) {}

    private final Spool spool;
    private final Copies copies;
    private final Clocks clocks;
    private final Map<MessageId, Body> bodies = new HashMap<>();
    private final Map<MessageId, Landed> envelopes = new ConcurrentHashMap<>();

    public Dock(Spool spool, Copies copies, Clocks clocks) {
        this.spool = spool;
        this.copies = copies;
        this.clocks = clocks;
    }

    /**
     * Takes a piece; waits for the disk.
     *
     * @return how far the body is here, -1 when it can not be taken
     */
    synchronized long piece(Piece piece) {
        try {
            Body body = bodies.get(piece.body());
            if (piece.offset() == 0 && !(body != null && whole(body, piece))) {
                body = begin(piece.body());
            }
            if (body == null) {
                return copies.has(piece.body()) ? piece.total() : -1;
            }
            body.touched = clocks.monotonic();
            if (piece.offset() == body.written && body.whole == null) {
                body.draft.write(piece.octets(), 0, piece.octets().length);
                body.written += piece.octets().length;
                if (body.written == piece.total()) {
                    body.whole = body.draft.finish();
                }
            }
            return body.written;
        } catch (IOException e) {
            LOG.warn("Cluster: octets of {} can not be stored for another member", piece.body(), e);
            discard(bodies.remove(piece.body()));
            return -1;
        }
    }

    /** Whether a body has arrived already: it may be about to be committed, and brought again beside another message. */
    private static boolean whole(Body body, Piece piece) {
        return body.whole != null && body.written == piece.total();
    }

    /** A draft for a body from its first octet on; null when the spool has it, or somebody else brings it. */
    private @Nullable Body begin(MessageId id) throws SpoolException {
        discard(bodies.remove(id));
        if (copies.has(id)) {
            return null;
        }
        try {
            Body body = new Body(spool.draft(id), clocks.monotonic());
            bodies.put(id, body);
            return body;
        } catch (IllegalStateException e) {
            LOG.debug("Cluster: the octets of {} are being written already", id, e);
            return null;
        }
    }

    private static void discard(@Nullable Body body) {
        if (body != null) {
            body.draft.close();
        }
    }

    /** Takes an envelope; waits for the disk. One whose bodies are not here is not taken. */
    synchronized void envelope(MessageId id, byte[] octets) {
        Map<MessageId, Envelope.BodyRef> arrived = new HashMap<>();
        bodies.forEach((body, b) -> {
            if (b.whole != null) {
                arrived.put(body, b.whole);
            }
        });
        try {
            Envelope envelope = copies.envelope(id, octets, arrived);
            envelopes.put(
                    id, new Landed(envelope, List.copyOf(copies.bodies(envelope).keySet()), clocks.monotonic()));
        } catch (SpoolException e) {
            envelopes.remove(id);
            LOG.debug("Cluster: the envelope of {} came without its octets", id, e);
        }
    }

    /** Whether a message is here whole. */
    public boolean has(MessageId id) {
        return envelopes.containsKey(id);
    }

    /** The envelope of a message that is here whole; the spool finds the drafts of its bodies by their ids. */
    public Optional<Envelope> envelope(MessageId id) {
        return Optional.ofNullable(envelopes.get(id)).map(Landed::envelope);
    }

    /** A message is part of the spool now, or is not wanted. */
    public synchronized void leave(MessageId id) {
        Landed landed = envelopes.remove(id);
        if (landed != null) {
            landed.bodies().stream()
                    .filter(body -> envelopes.values().stream()
                            .noneMatch(other -> other.bodies().contains(body)))
                    .forEach(body -> discard(bodies.remove(body)));
        }
    }

    /** Throws away what nobody has asked for; called every few seconds. */
    public synchronized void sweep() {
        long before = clocks.monotonic() - FORGOTTEN;
        envelopes.values().removeIf(landed -> landed.touched() < before);
        Iterator<Body> all = bodies.values().iterator();
        while (all.hasNext()) {
            Body body = all.next();
            if (body.touched < before) {
                all.remove();
                discard(body);
            }
        }
    }
}
