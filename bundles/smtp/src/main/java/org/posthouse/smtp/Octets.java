// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The octets that a client sent and nobody has used yet: a window over the arrays in which they arrive. */
final class Octets {
    private static final byte[] NOTHING = {};

    /** Where arrays of octets come from. */
    @FunctionalInterface
    interface Source {
        /**
         * Waits for the next octets; null at the end of the stream.
         *
         * @param deadline {@link System#nanoTime()} at which to give up
         * @throws SocketTimeoutException when the deadline passed
         */
        byte @Nullable [] next(long deadline) throws IOException;
    }

    private final Source source;
    private byte[] array = NOTHING;
    private int position;

    Octets(Source source) {
        this.source = source;
    }

    /** The array that holds the octets from {@link #position()} on; they must not be changed. */
    byte[] array() {
        return array;
    }

    int position() {
        return position;
    }

    int end() {
        return array.length;
    }

    /** Octets up to here are used. */
    void use(int upTo) {
        position = upTo;
        if (position == array.length) {
            array = NOTHING;
            position = 0;
        }
    }

    boolean isEmpty() {
        return position == array.length;
    }

    /** Waits until there is at least one octet; false at the end of the stream. */
    boolean fill(long deadline) throws IOException {
        while (isEmpty()) {
            byte[] more = source.next(deadline);
            if (more == null) {
                return false;
            }
            array = more;
            position = 0;
        }
        return true;
    }

    /** The next octet; -1 at the end of the stream. */
    int read(long deadline) throws IOException {
        if (!fill(deadline)) {
            return -1;
        }
        int octet = array[position] & 0xFF;
        use(position + 1);
        return octet;
    }

    /** Takes away what is there without waiting. */
    byte[] rest() {
        byte[] rest = Arrays.copyOfRange(array, position, array.length);
        use(array.length);
        return rest;
    }
}
