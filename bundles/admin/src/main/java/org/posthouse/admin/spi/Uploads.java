// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files that an operator sent, kept for some minutes: what is installed is then exactly what was looked at before. They do
 * not survive a restart.
 */
public interface Uploads {
    /** The largest file that is taken. */
    long LARGEST = 256L * 1024 * 1024;

    /**
     * Streams a file to disk.
     *
     * @throws TooMuchException when it is larger than {@link #LARGEST}, or too many wait already
     * @throws IOException when it can not be read or written
     */
    Upload take(InputStream content) throws IOException, TooMuchException;

    /** The file of an upload; empty when there is none of this id (any more). */
    Optional<Path> file(String id);

    /** Deletes an upload, if it is there. */
    void drop(String id);

    /** A file that was sent: its id and how large it is. */
    record Upload(String id, long octets) {}

    /** More than is taken; the message says what. */
    final class TooMuchException extends Exception {
        private static final long serialVersionUID = 1L;

        public TooMuchException(String message) {
            super(message);
        }
    }
}
