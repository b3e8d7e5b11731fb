// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** Octets of a record while they are written, and how they are read again: varints, texts, times. */
final class Wire {
    private byte[] octets;
    private int length;

    Wire(int expected) {
        octets = new byte[expected];
    }

    private void room(int more) {
        if (octets.length - length < more) {
            octets = Arrays.copyOf(octets, Math.max(octets.length * 2, length + more));
        }
    }

    Wire octet(int value) {
        room(1);
        octets[length++] = (byte) value;
        return this;
    }

    /** A number without sign bit in as few octets as it needs. */
    Wire number(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            octets[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        octets[length++] = (byte) rest;
        return this;
    }

    /** A number that may be negative. */
    Wire signed(long value) {
        return number((value << 1) ^ (value >> 63));
    }

    Wire flag(boolean value) {
        return octet(value ? 1 : 0);
    }

    Wire bytes(byte[] value) {
        number(value.length);
        return raw(value, 0, value.length);
    }

    Wire raw(byte[] value, int offset, int count) {
        room(count);
        System.arraycopy(value, offset, octets, length, count);
        length += count;
        return this;
    }

    Wire text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Header text: one octet a character, as it came in. */
    Wire latin(String value) {
        Charset charset = charset(value);
        return flag(charset == StandardCharsets.UTF_8).bytes(value.getBytes(charset));
    }

    Wire time(Instant value) {
        return signed(value.getEpochSecond()).number(value.getNano());
    }

    byte[] array() {
        return Arrays.copyOf(octets, length);
    }

    static Charset charset(String header) {
        for (int i = 0; i < header.length(); i++) {
            if (header.charAt(i) > 255) {
                return StandardCharsets.UTF_8;
            }
        }
        return StandardCharsets.ISO_8859_1;
    }

    static long number(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte octet = in.get();
            value |= (long) (octet & 0x7F) << shift;
            if (octet >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("A number is too long");
    }

    static int count(ByteBuffer in) {
        long value = number(in);
        if (value < 0 || value > in.remaining()) {
            throw new IllegalArgumentException("A count exceeds the record");
        }
        return (int) value;
    }

    static int small(ByteBuffer in) {
        long value = number(in);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A number is too large");
        }
        return (int) value;
    }

    static long signed(ByteBuffer in) {
        long value = number(in);
        return (value >>> 1) ^ -(value & 1);
    }

    static boolean flag(ByteBuffer in) {
        return in.get() != 0;
    }

    static byte[] bytes(ByteBuffer in) {
        byte[] value = new byte[count(in)];
        in.get(value);
        return value;
    }

    static String text(ByteBuffer in) {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    static String latin(ByteBuffer in) {
        Charset charset = flag(in) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        return new String(bytes(in), charset);
    }

    static Instant time(ByteBuffer in) {
        return Instant.ofEpochSecond(signed(in), number(in));
    }
}
