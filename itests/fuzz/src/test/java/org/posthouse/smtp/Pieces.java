// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Octets that arrive in pieces of one size; each array is spoilt once it was used, as a wire does that fills it again. */
final class Pieces implements Octets.Source {
    private final byte[] octets;
    private final int size;
    private int at;

    private Pieces(byte[] octets, int size) {
        this.octets = octets;
        this.size = size;
    }

    static Octets of(byte[] octets, int size) {
        return new Octets(new Pieces(octets, size));
    }

    @Override
    public @Nullable ByteBuffer next(long deadline) {
        if (at == octets.length) {
            return null;
        }
        int end = Math.min(octets.length, at + size);
        byte[] piece = Arrays.copyOfRange(octets, at, end);
        at = end;
        return ByteBuffer.wrap(piece);
    }

    @Override
    public void used(byte[] array) {
        Arrays.fill(array, (byte) '!');
    }

    /** What nobody has read yet, as text. */
    static String rest(Octets in) throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        for (int octet = in.read(Long.MAX_VALUE); octet >= 0; octet = in.read(Long.MAX_VALUE)) {
            rest.write(octet);
        }
        return rest.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
