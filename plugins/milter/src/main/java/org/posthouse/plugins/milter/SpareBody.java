// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A body that a milter put in place of the message's, which the next milter can read: in memory while it is small, in a file
 * without a name beyond. Line ends become CRLF.
 */
final class SpareBody implements AutoCloseable {
    private static final int MOST_MEMORY = 1 << 18;

    private final long limit;
    private ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private @Nullable FileChannel file;
    private long size;
    private boolean afterCr;

    /** A body of at most so many octets. */
    SpareBody(long limit) {
        this.limit = limit;
    }

    void write(byte[] octets) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(octets.length + 16);
        for (byte octet : octets) {
            if (octet == '\n' && !afterCr) {
                lines.write('\r');
            }
            lines.write(octet);
            afterCr = octet == '\r';
        }
        size += lines.size();
        if (size > limit) {
            throw new MilterException("a new body of more than " + limit + " octets");
        }
        if (file == null && size > MOST_MEMORY) {
            file = nameless();
            put(file, memory.toByteArray());
            memory = new ByteArrayOutputStream(0);
        }
        if (file == null) {
            lines.writeTo(memory);
        } else {
            put(file, lines.toByteArray());
        }
    }

    private static FileChannel nameless() throws IOException {
        Path path = Files.createTempFile("milter", ".body");
        try {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            // What is open stays; nothing is left when the process ends, however it ends.
            Files.delete(path);
        }
    }

    private static void put(FileChannel channel, byte[] octets) throws IOException {
        OutputStream out = Channels.newOutputStream(channel);
        out.write(octets);
    }

    /** The octets from the first one; one reader at a time. */
    InputStream open() throws IOException {
        if (file == null) {
            return new ByteArrayInputStream(memory.toByteArray());
        }
        file.position(0);
        InputStream in = Channels.newInputStream(file);
        // Closing the stream would close the file, which is read again.
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return in.read();
            }

            @Override
            public int read(byte[] octets, int offset, int length) throws IOException {
                return in.read(octets, offset, length);
            }
        };
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
