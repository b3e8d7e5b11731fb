// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;

/** How items of the vault are written: mark, length and name of the table, then the key; expiry and octets in the record. */
final class VaultCodec {
    private VaultCodec() {}

    /** The octets that all keys of a table begin with. */
    static byte[] prefix(String table) {
        byte[] name = table.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > 255) {
            throw new IllegalArgumentException("A name of a table holds 1 to 255 octets, not " + name.length);
        }
        return ByteBuffer.allocate(name.length + 2)
                .put(Table.VAULT.mark())
                .put((byte) name.length)
                .put(name)
                .array();
    }

    static byte[] key(String table, String key) {
        byte[] octets = key.getBytes(StandardCharsets.UTF_8);
        if (octets.length > Vault.KEY) {
            throw new IllegalArgumentException("A key holds at most " + Vault.KEY + " octets, not " + octets.length);
        }
        byte[] prefix = prefix(table);
        return ByteBuffer.allocate(prefix.length + octets.length)
                .put(prefix)
                .put(octets)
                .array();
    }

    static byte[] encode(byte[] key, Vault.Item item) {
        if (item.value().length > Vault.VALUE) {
            throw new IllegalArgumentException(
                    "A value holds at most " + Vault.VALUE + " octets, not " + item.value().length);
        }
        return Seal.seal(
                key,
                new Wire(item.value().length + 16)
                        .time(item.expires())
                        .bytes(item.value())
                        .array());
    }

    static Vault.Item decode(byte[] key, byte[] record) throws SpoolException {
        ByteBuffer in = Seal.open(key, record);
        try {
            Instant expires = Wire.time(in);
            return new Vault.Item(table(key), text(key, nameEnd(key)), Wire.bytes(in), expires);
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | ArithmeticException
                | IndexOutOfBoundsException
                | DateTimeException e) {
            throw Seal.damaged(key, "unreadable", e);
        }
    }

    private static int nameEnd(byte[] key) {
        return Math.min(key.length, 2 + (key.length < 2 ? 0 : key[1] & 0xFF));
    }

    private static String text(byte[] key, int from) {
        return new String(key, from, key.length - from, StandardCharsets.UTF_8);
    }

    private static String table(byte[] key) {
        return new String(key, 2, nameEnd(key) - 2, StandardCharsets.UTF_8);
    }

    /** A key as people read it; whatever its octets are. */
    static String name(byte[] key) {
        return key.length < 2 ? "v:" : "v:" + table(key) + "/" + text(key, nameEnd(key));
    }
}
