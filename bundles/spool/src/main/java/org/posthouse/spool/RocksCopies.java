// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.posthouse.api.Content;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;

/** Copies in the format of the store. */
final class RocksCopies implements Copies {
    private final Readers readers;
    private final Bodies bodies;

    RocksCopies(Readers readers, Bodies bodies) {
        this.readers = readers;
        this.bodies = bodies;
    }

    @Override
    public byte[] octets(Envelope envelope) {
        return EnvelopeCodec.content(envelope);
    }

    @Override
    public Envelope envelope(MessageId id, byte[] octets, Map<MessageId, Envelope.BodyRef> arrived)
            throws SpoolException {
        Envelope theirs = read(id, octets);
        Envelope.BodyRef ref = theirs.body();
        for (MessageId body : Evidence.bodies(theirs)) {
            if (!arrived.containsKey(body) && !has(body)) {
                throw Seal.damaged(Keys.of(Table.BODY, body), "missing", null);
            }
        }
        Envelope.BodyRef here = arrived.get(ref.owner());
        if (here != null && (here.size() != ref.size() || here.checksum() != ref.checksum())) {
            throw new SpoolException(
                    SpoolException.Kind.DAMAGED, "Body " + ref.owner() + " arrived with other octets than were sent");
        }
        boolean file = here != null ? here.file() : isFile(ref.owner());
        return file == ref.file() ? theirs : lying(theirs, file);
    }

    private static Envelope read(MessageId id, byte[] octets) throws SpoolException {
        try {
            return EnvelopeCodec.envelope(id, ByteBuffer.wrap(octets));
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw new SpoolException(SpoolException.Kind.DAMAGED, "The envelope of " + id + " is unreadable", e);
        }
    }

    private static Envelope lying(Envelope e, boolean file) {
        Envelope.BodyRef ref = e.body();
        return new Envelope(
                e.id(),
                e.received(),
                e.origin(),
                e.sender(),
                e.recipients(),
                e.routing(),
                e.trace(),
                e.head(),
                e.headEdited(),
                new Envelope.BodyRef(
                        ref.owner(),
                        file,
                        ref.size(),
                        ref.headLength(),
                        ref.bodyOffset(),
                        ref.eightBit(),
                        ref.checksum(),
                        ref.replacement()),
                e.notes(),
                e.stamp());
    }

    private boolean isFile(MessageId body) throws SpoolException {
        byte[] key = Keys.of(Table.BODY, body);
        return readers.call(store -> {
            byte[] record = store.get(Table.BODY, key);
            if (record == null) {
                throw Seal.damaged(key, "missing", null);
            }
            return BodyRecord.decode(key, record).file();
        });
    }

    @Override
    public Map<MessageId, Content> bodies(Envelope envelope) {
        Map<MessageId, Content> all = new LinkedHashMap<>();
        for (MessageId body : Evidence.bodies(envelope)) {
            all.put(
                    body,
                    body.equals(envelope.body().owner()) ? bodies.received(envelope.body()) : bodies.replacement(body));
        }
        return all;
    }

    @Override
    public boolean has(MessageId body) throws SpoolException {
        byte[] key = Keys.of(Table.BODY, body);
        return readers.call(store -> store.get(Table.BODY, key) != null);
    }
}
