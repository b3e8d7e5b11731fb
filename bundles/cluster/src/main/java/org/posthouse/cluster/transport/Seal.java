// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.transport.Refusal.Reason;

/**
 * Seals and opens parcels: a label in clear, then the content by AES-GCM with a random nonce, the label as associated
 * data. One thread at a time.
 */
final class Seal {
    /** The version of this layout; that of the frames inside is theirs. */
    static final int VERSION = 1;

    private static final int MAGIC = 'P';
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int LONGEST_NAME = 63;

    private final KeyRing keys;
    private final Cipher cipher;
    private final SecureRandom random = new SecureRandom();

    Seal(KeyRing keys) {
        this.keys = keys;
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has AES/GCM", e);
        }
    }

    /** An opened parcel. */
    record Opened(Label label, byte[] content) {}

    byte[] close(Label label, byte[] content) {
        byte[] from = name(label.from().node());
        byte[] to = name(label.to().node());
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        int header = 1 + 1 + 4 + (1 + from.length + 8) + (1 + to.length + 8) + 8 + NONCE;
        ByteBuffer out = ByteBuffer.allocate(header + content.length + TAG_BITS / 8);
        out.put((byte) MAGIC).put((byte) VERSION).putInt(keys.first().hint());
        out.put((byte) from.length).put(from).putLong(label.from().number());
        out.put((byte) to.length).put(to).putLong(label.to().number());
        out.putLong(label.number()).put(nonce);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, keys.first().key(), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(out.array(), 0, header);
            cipher.doFinal(content, 0, content.length, out.array(), header);
            return out.array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/GCM does not seal", e);
        }
    }

    /** Who says to have sealed it, for a line in the log; nothing is checked. */
    static String claimed(byte[] sealed) {
        try {
            return label(ByteBuffer.wrap(sealed).position(6)).from().toString();
        } catch (Refusal | BufferUnderflowException | IllegalArgumentException e) {
            return "somebody";
        }
    }

    Opened open(byte[] sealed) throws Refusal {
        ByteBuffer in = ByteBuffer.wrap(sealed);
        try {
            if (in.get() != MAGIC) {
                throw new Refusal(Reason.DAMAGED, "that is no parcel");
            }
            int version = in.get() & 0xff;
            if (version != VERSION) {
                throw new Refusal(
                        Reason.VERSION,
                        "it seals by version " + version + ", this node by " + VERSION
                                + ": upgrade one version after the other");
            }
            int hint = in.getInt();
            ClusterKey key = keys.find(hint)
                    .orElseThrow(() -> new Refusal(
                            Reason.KEY,
                            "it has the key " + ClusterKey.name(hint) + ", this node " + keys
                                    + ": compare cluster.keys"));
            Label label = label(in);
            byte[] nonce = new byte[NONCE];
            in.get(nonce);
            cipher.init(Cipher.DECRYPT_MODE, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(sealed, 0, in.position());
            return new Opened(label, cipher.doFinal(sealed, in.position(), in.remaining()));
        } catch (BufferUnderflowException e) {
            throw new Refusal(Reason.DAMAGED, "it ends too early");
        } catch (AEADBadTagException e) {
            throw new Refusal(Reason.DAMAGED, "its seal is broken");
        } catch (GeneralSecurityException e) {
            throw new Refusal(Reason.DAMAGED, "it can not be opened: " + e.getMessage());
        }
    }

    private static Label label(ByteBuffer in) throws Refusal {
        return new Label(life(in), life(in), in.getLong());
    }

    private static Incarnation life(ByteBuffer in) throws Refusal {
        int length = in.get();
        if (length < 1 || length > LONGEST_NAME) {
            throw new Refusal(Reason.DAMAGED, "a name of " + length + " octets");
        }
        byte[] name = new byte[length];
        in.get(name);
        return new Incarnation(new String(name, StandardCharsets.US_ASCII), in.getLong());
    }

    private static byte[] name(String node) {
        return node.getBytes(StandardCharsets.US_ASCII);
    }
}
