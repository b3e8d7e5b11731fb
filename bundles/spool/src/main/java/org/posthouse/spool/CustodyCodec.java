// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.posthouse.spool.spi.MessageId;

/** How the records of the cluster are kept: mark, kind, then the id of a message or the name of a member. */
final class CustodyCodec {
    private static final byte MEMBER = 'm';
    private static final byte MESSAGE = 'r';
    private static final int MESSAGE_LENGTH = 18;

    private CustodyCodec() {}

    /** What all keys of messages begin with. */
    static byte[] messages() {
        return new byte[] {Table.CUSTODY.mark(), MESSAGE};
    }

    /** What all keys of members begin with. */
    static byte[] members() {
        return new byte[] {Table.CUSTODY.mark(), MEMBER};
    }

    static byte[] key(MessageId id) {
        return ByteBuffer.allocate(MESSAGE_LENGTH)
                .put(Table.CUSTODY.mark())
                .put(MESSAGE)
                .putLong(id.high())
                .putLong(id.low())
                .array();
    }

    static byte[] key(String member) {
        byte[] name = member.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(name.length + 2)
                .put(Table.CUSTODY.mark())
                .put(MEMBER)
                .put(name)
                .array();
    }

    static boolean ofMessage(byte[] key) {
        return key.length == MESSAGE_LENGTH && key[1] == MESSAGE;
    }

    static MessageId id(byte[] key) {
        return MessageId.read(ByteBuffer.wrap(key, 2, 16));
    }

    static String member(byte[] key) {
        return new String(key, 2, key.length - 2, StandardCharsets.UTF_8);
    }

    /** The record that says that there was one. */
    static byte[] lost(byte[] key) {
        return Seal.seal(key, new byte[0]);
    }

    /** A key as people read it; whatever its octets are. */
    static String name(byte[] key) {
        if (ofMessage(key)) {
            return "c:" + id(key);
        }
        return key.length < 2 ? "c:" : "c:" + (char) key[1] + "/" + member(key);
    }
}
