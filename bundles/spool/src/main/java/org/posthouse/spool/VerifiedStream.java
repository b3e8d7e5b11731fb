// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;
import org.posthouse.spool.spi.SpoolException;

/**
 * The octets of a body; the last ones are given out only when size and checksum fit, so that a reader can not take a
 * damaged body for whole.
 */
final class VerifiedStream extends InputStream {
    private final InputStream in;
    private final String name;
    private final long size;
    private final int checksum;
    private final CRC32C seen = new CRC32C();
    private long position;

    VerifiedStream(InputStream in, String name, long size, int checksum) {
        this.in = in;
        this.name = name;
        this.size = size;
        this.checksum = checksum;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == size) {
            return -1;
        }
        int count = in.read(buffer, offset, (int) Math.min(length, size - position));
        if (count < 0) {
            throw damaged("ends after " + position + " of " + size + " octets", new EOFException(name));
        }
        seen.update(buffer, offset, count);
        position += count;
        if (position == size && (int) seen.getValue() != checksum) {
            throw damaged("has a wrong checksum", new IOException(name));
        }
        return count;
    }

    private SpoolException damaged(String how, IOException cause) {
        return new SpoolException(SpoolException.Kind.DAMAGED, "Body " + name + " " + how, cause);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
