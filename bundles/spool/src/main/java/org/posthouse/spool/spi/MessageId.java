// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a message: 48 bits of time in milliseconds and 80 random bits, written as 26 characters that sort by
 * time (Crockford's base 32).
 */
public record MessageId(long high, long low) implements Comparable<MessageId> {
    private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final SecureRandom SEED = new SecureRandom();
    private static final long MULTIPLIER = 0x5851F42D4C957F2DL;
    private static final AtomicLong STATE = new AtomicLong(SEED.nextLong());
    private static final long SALT = SEED.nextLong();

    /** A new identity for a message that arrives now. */
    public static MessageId next() {
        long n = STATE.getAndIncrement();
        long random = mix(n * MULTIPLIER + SALT);
        return new MessageId((System.currentTimeMillis() << 16) | (random >>> 48), mix(random ^ n));
    }

    private static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }

    /**
     * Reads the 26 characters.
     *
     * @throws IllegalArgumentException when the text is no identity
     */
    public static MessageId parse(String text) {
        if (text.length() != 26) {
            throw new IllegalArgumentException("Not a message id: " + text);
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < 26; i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0 || (i == 0 && digit > 7)) {
                throw new IllegalArgumentException("Not a message id: " + text);
            }
            high = (high << 5) | (low >>> 59);
            low = (low << 5) | digit;
        }
        return new MessageId(high, low);
    }

    private static int digit(char c) {
        char upper = Character.toUpperCase(c);
        for (int i = 0; i < DIGITS.length; i++) {
            if (DIGITS[i] == upper) {
                return i;
            }
        }
        return -1;
    }

    /** The 16 octets, which sort by time. */
    public byte[] bytes() {
        return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    /** Reads 16 octets at the position of the buffer. */
    public static MessageId read(ByteBuffer buffer) {
        return new MessageId(buffer.getLong(), buffer.getLong());
    }

    /** When it was made. */
    public Instant time() {
        return Instant.ofEpochMilli(high >>> 16);
    }

    @Override
    public int compareTo(MessageId other) {
        int first = Long.compareUnsigned(high, other.high);
        return first != 0 ? first : Long.compareUnsigned(low, other.low);
    }

    /** By hand, since it is the key of almost every map: that of a record took a thirtieth of a busy node's time. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MessageId id && high == id.high && low == id.low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(low);
    }

    @Override
    public String toString() {
        char[] out = new char[26];
        long h = high;
        long l = low;
        for (int i = 25; i >= 0; i--) {
            out[i] = DIGITS[(int) (l & 31)];
            l = (l >>> 5) | (h << 59);
            h >>>= 5;
        }
        return new String(out);
    }
}
