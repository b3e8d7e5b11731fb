// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Content;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;

/**
 * A draft in heap up to the threshold, then in a file; closing deletes the file unless the spool has taken it. After one
 * failed write or sync it can not be committed any more: a second sync could succeed without the octets, for the kernel
 * may have dropped what it could not write.
 */
final class DiskDraft implements Draft {
    private enum Fate {
        /** Belongs to the caller. */
        OPEN,
        /** Handed to the committer: the file stays until the outcome is known. */
        OFFERED,
        /** Part of the spool. */
        TAKEN,
        /** Whether it became part of the spool is not known: may be offered again, its file is left to the sweep. */
        DOUBTFUL,
        /** Thrown away. */
        GONE
    }

    private final MessageId id;
    private final Drafts drafts;
    private final HeadScan scan = new HeadScan();
    private byte[] memory = new byte[4096];
    private long forced;
    private @Nullable FileChannel channel;
    private boolean file;
    private boolean finished;
    private boolean broken;
    private boolean doubted;
    private Fate fate = Fate.OPEN;

    DiskDraft(MessageId id, Drafts drafts) {
        this.id = id;
        this.drafts = drafts;
    }

    @Override
    public MessageId id() {
        return id;
    }

    @Override
    public synchronized void write(byte[] octets, int offset, int length) throws IOException {
        if (finished || fate != Fate.OPEN) {
            throw new IllegalStateException("The draft is finished");
        }
        usable();
        int before = file ? 0 : Math.toIntExact(scan.size());
        scan.feed(octets, offset, length);
        try {
            if (file) {
                append(octets, offset, length);
            } else if (scan.size() <= drafts.settings().inlineLimit()) {
                remember(octets, offset, length, before);
            } else {
                channel = drafts.files().create(id);
                file = true;
                append(memory, 0, before);
                memory = new byte[0];
                append(octets, offset, length);
            }
        } catch (IOException e) {
            broken = true;
            throw drafts.trouble(e);
        }
    }

    private void usable() throws SpoolException {
        if (broken) {
            throw new SpoolException(SpoolException.Kind.SICK, "Draft " + id + " could not be written");
        }
    }

    private void remember(byte[] octets, int offset, int length, int before) {
        if (memory.length < before + length) {
            memory = Arrays.copyOf(memory, Math.max(memory.length * 2, before + length));
        }
        System.arraycopy(octets, offset, memory, before, length);
    }

    private void append(byte[] octets, int offset, int length) throws IOException {
        FileChannel out = open();
        ByteBuffer buffer = ByteBuffer.wrap(octets, offset, length);
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
        // In pieces, for one long force at the end would hold up the commits of everybody else.
        if (scan.size() - forced >= drafts.settings().forceEvery()) {
            out.force(false);
            forced = scan.size();
        }
    }

    private FileChannel open() {
        FileChannel out = channel;
        if (out == null) {
            throw new IllegalStateException("The draft is closed");
        }
        return out;
    }

    @Override
    public synchronized long size() {
        return scan.size();
    }

    @Override
    public synchronized Envelope.BodyRef finish() throws IOException {
        usable();
        finished = true;
        return new Envelope.BodyRef(
                id, file, scan.size(), scan.headLength(), scan.bodyOffset(), scan.eightBit(), scan.checksum(), "");
    }

    @Override
    public synchronized Content content() {
        long size = scan.size();
        return new Content() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public InputStream open() throws IOException {
                return stream(size);
            }
        };
    }

    private synchronized InputStream stream(long size) throws IOException {
        if (!file) {
            return new ByteArrayInputStream(memory, 0, Math.toIntExact(size));
        }
        return new LimitedStream(new FileInputStream(drafts.files().path(id).toFile()), size);
    }

    /** Makes a large body durable and gives back what the body table is to say; the caller must tell the outcome. */
    synchronized BodyRecord offer() throws SpoolException {
        if (!finished || (fate != Fate.OPEN && fate != Fate.DOUBTFUL)) {
            throw new IllegalStateException("Draft " + id + " is not finished, or was committed before");
        }
        usable();
        try {
            FileChannel out = channel;
            if (out != null) {
                out.force(true);
                out.close();
                channel = null;
                drafts.files().syncFolder(id);
            }
        } catch (IOException e) {
            broken = true;
            throw drafts.trouble(e);
        }
        fate = Fate.OFFERED;
        return new BodyRecord(
                file ? null : Arrays.copyOf(memory, Math.toIntExact(scan.size())), scan.size(), scan.checksum());
    }

    /** The committer never tried: the draft is the caller's again. */
    synchronized void refused() {
        fate = doubted ? Fate.DOUBTFUL : Fate.OPEN;
    }

    /** The batch failed: after the store was opened again the octets may be part of it or not. */
    synchronized void doubtful() {
        doubted = true;
        fate = Fate.DOUBTFUL;
    }

    /** The octets belong to the spool. */
    synchronized void taken() {
        fate = Fate.TAKEN;
        memory = file ? new byte[0] : memory;
        drafts.forget(this);
    }

    @Override
    public synchronized void close() {
        if (fate != Fate.OPEN && fate != Fate.DOUBTFUL) {
            return;
        }
        boolean ours = fate == Fate.OPEN;
        fate = Fate.GONE;
        memory = new byte[0];
        drafts.discard(this, channel, file && ours);
        channel = null;
    }
}
