// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The octets that a client sent and nobody has used yet: a window over the arrays in which they arrive. */
final class Octets {
    private static final byte[] NOTHING = {};

    /** Where arrays of octets come from. */
    interface Source {
        /**
         * Waits for the next octets: an array from its first octet up to the limit; null at the end of the stream.
         *
         * @param deadline {@link System#nanoTime()} at which to give up
         * @throws SocketTimeoutException when the deadline passed
         */
        @Nullable
        ByteBuffer next(long deadline) throws IOException;

        /** Everything in this array was used; it may be filled again. */
        void used(byte[] array);
    }

    private final Source source;
    private byte[] array = NOTHING;
    private int position;
    private int end;

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
        return end;
    }

    /** Octets up to here are used; at the end the array must not be touched any more. */
    void use(int upTo) {
        position = upTo;
        if (position == end) {
            source.used(array);
            array = NOTHING;
            position = 0;
            end = 0;
        }
    }

    boolean isEmpty() {
        return position == end;
    }

    /** Waits until there is at least one octet; false at the end of the stream. */
    boolean fill(long deadline) throws IOException {
        while (isEmpty()) {
            ByteBuffer more = source.next(deadline);
            if (more == null) {
                return false;
            }
            array = more.array();
            position = 0;
            end = more.limit();
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
        byte[] rest = Arrays.copyOfRange(array, position, end);
        use(end);
        return rest;
    }
}
