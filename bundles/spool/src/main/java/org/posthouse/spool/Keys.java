// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;

/** The keys of all records; their octets sort as the scans need it. */
final class Keys {
    static final byte[] COUNTS = meta("count");
    static final byte[] FORMAT = meta("formt");
    private static final int PROGRESS_LENGTH = 21;
    private static final long LATEST = Long.MAX_VALUE;

    private Keys() {}

    private static byte[] meta(String name) {
        byte[] key = (" " + name).getBytes(StandardCharsets.US_ASCII);
        key[0] = Table.META.mark();
        return key;
    }

    static byte[] of(Table table, MessageId id) {
        return ByteBuffer.allocate(17)
                .put(table.mark())
                .putLong(id.high())
                .putLong(id.low())
                .array();
    }

    static byte[] progress(MessageId id, int recipient) {
        return ByteBuffer.allocate(PROGRESS_LENGTH)
                .put(Table.PROGRESS.mark())
                .putLong(id.high())
                .putLong(id.low())
                .putInt(recipient)
                .array();
    }

    static byte[] due(Instant due, MessageId id) {
        return ByteBuffer.allocate(25)
                .put(Table.DUE.mark())
                .putLong(millis(due))
                .putLong(id.high())
                .putLong(id.low())
                .array();
    }

    static Spool.DueEntry due(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key, 1, 24);
        return new Spool.DueEntry(Instant.ofEpochMilli(in.getLong()), MessageId.read(in));
    }

    static MessageId id(byte[] key) {
        return MessageId.read(ByteBuffer.wrap(key, 1, 16));
    }

    static int recipient(byte[] key) {
        return ByteBuffer.wrap(key).getInt(17);
    }

    /** The smallest key behind all keys that begin with this one. */
    static byte[] behind(byte[] key) {
        byte[] next = key.clone();
        for (int i = next.length - 1; i >= 0; i--) {
            if (++next[i] != 0) {
                return next;
            }
        }
        throw new IllegalArgumentException("Nothing is behind this key");
    }

    // Times outside what 8 octets of milliseconds hold would break the order; they mean "now" or "never" anyway.
    private static long millis(Instant time) {
        if (time.getEpochSecond() <= 0) {
            return 0;
        }
        return time.getEpochSecond() >= LATEST / 1000 ? LATEST : time.toEpochMilli();
    }

    /** A key as people read it. */
    static String name(byte[] key) {
        if (key.length > 0 && key[0] == Table.VAULT.mark()) {
            return VaultCodec.name(key);
        }
        if (key.length > 0 && key[0] == Table.CUSTODY.mark()) {
            return CustodyCodec.name(key);
        }
        return key.length < 17
                ? HexFormat.of().formatHex(key)
                : (char) key[0] + ":" + (key[0] == Table.DUE.mark() ? due(key).id() : id(key));
    }
}
