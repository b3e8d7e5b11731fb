// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.posthouse.api.NewBody;
import org.posthouse.spool.spi.Draft;

/**
 * A body that a hook writes: a new draft that begins with the header block as it stands, so that it can take the place of
 * the received one as it is.
 */
final class SpooledBody implements NewBody {
    private final Draft draft;
    private final String head;
    private final Octets stream = new Octets();
    private boolean closed;
    private boolean taken;

    SpooledBody(Draft draft, String head) throws IOException {
        this.draft = draft;
        this.head = head;
        byte[] block = (head + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        draft.write(block, 0, block.length);
    }

    @Override
    public OutputStream stream() {
        return stream;
    }

    @Override
    public long size() {
        return draft.size() - head.length() - 2;
    }

    /** The header block in front of it. */
    String head() {
        return head;
    }

    /** The draft is the message's from now on. */
    synchronized Draft take() {
        if (!closed) {
            throw new IllegalStateException("the new body was handed over before its stream was closed");
        }
        if (taken) {
            throw new IllegalStateException("the new body was handed over twice");
        }
        taken = true;
        return draft;
    }

    synchronized void throwAwayUnlessTaken() {
        closed = true;
        if (!taken) {
            draft.close();
        }
    }

    private synchronized void put(byte[] octets, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the new body is closed");
        }
        draft.write(octets, offset, length);
    }

    private synchronized void shut() {
        closed = true;
    }

    private final class Octets extends OutputStream {
        @Override
        public void write(int octet) throws IOException {
            put(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            put(octets, offset, length);
        }

        @Override
        public void close() {
            shut();
        }
    }
}
