// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.posthouse.api.Content;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;

/** The octets of messages, wherever they are: in heap from a moment ago, in the store, in files. */
final class Bodies {
    private final Readers readers;
    private final Caches caches;
    private final BodyFiles files;

    Bodies(Readers readers, Caches caches, BodyFiles files) {
        this.readers = readers;
        this.caches = caches;
        this.files = files;
    }

    /** What was received. */
    Content received(Envelope.BodyRef ref) {
        return new Content() {
            @Override
            public long size() {
                return ref.size();
            }

            @Override
            public InputStream open() throws IOException {
                return ref.file() ? files.open(ref.owner(), ref.size(), ref.checksum()) : inline(ref);
            }
        };
    }

    private InputStream inline(Envelope.BodyRef ref) throws SpoolException {
        byte[] recent = caches.bodies().get(ref.owner());
        if (recent != null) {
            return new ByteArrayInputStream(recent);
        }
        byte[] octets = record(ref.owner()).octets();
        if (octets == null) {
            throw new SpoolException(SpoolException.Kind.DAMAGED, "Body " + ref.owner() + " is no record");
        }
        return new VerifiedStream(new ByteArrayInputStream(octets), ref.owner().toString(), ref.size(), ref.checksum());
    }

    /** What a hook wrote to stand for the received body. */
    Content replacement(MessageId id) {
        return new Content() {
            @Override
            public long size() {
                try {
                    byte[] recent = caches.bodies().get(id);
                    return recent == null ? record(id).size() : recent.length;
                } catch (SpoolException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public InputStream open() throws IOException {
                byte[] recent = caches.bodies().get(id);
                if (recent != null) {
                    return new ByteArrayInputStream(recent);
                }
                BodyRecord record = record(id);
                byte[] octets = record.octets();
                return octets == null
                        ? files.open(id, record.size(), record.checksum())
                        : new ByteArrayInputStream(octets);
            }
        };
    }

    private BodyRecord record(MessageId id) throws SpoolException {
        byte[] key = Keys.of(Table.BODY, id);
        return readers.call(store -> {
            byte[] record = store.get(Table.BODY, key);
            if (record == null) {
                throw Seal.damaged(key, "missing", null);
            }
            return BodyRecord.decode(key, record);
        });
    }
}
