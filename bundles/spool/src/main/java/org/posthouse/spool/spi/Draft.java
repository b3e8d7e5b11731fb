// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.io.IOException;
import org.posthouse.api.Content;

/**
 * Octets of a message while they arrive: in memory up to the threshold, then a file that is forced every few megabytes.
 *
 * <p>Used by one thread at a time. A draft that is not committed is thrown away by {@link #close()}, file and all. When the
 * commit failed, and reading the spool again shows that it did not happen, the same draft may be committed again.
 */
public interface Draft extends AutoCloseable {
    /** The message it belongs to. */
    MessageId id();

    /**
     * Adds octets.
     *
     * @throws IOException when the disk is full or failing; the draft is then of no use any more
     */
    void write(byte[] octets, int offset, int length) throws IOException;

    /** Octets so far. */
    long size();

    /**
     * No more octets come: the file is closed (synced at commit). Gives back what the envelope must say of them.
     *
     * @throws IOException when the disk is failing
     */
    Envelope.BodyRef finish() throws IOException;

    /** What was written so far; after {@link #finish()} all of it. */
    Content content();

    /** Throws away what was not committed; may be called at any time and more than once. */
    @Override
    void close();
}
