// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.sharing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.posthouse.spool.spi.Vault;

/** What one node says to another about the state of plugins. */
sealed interface StateMessage {
    /** These were set; the answer comes when they are merged. */
    record Tell(List<Vault.Item> items) implements StateMessage {
        public Tell {
            items = List.copyOf(items);
        }
    }

    /** This is what the sender has, in ranges of keys. */
    record Compare(Digest digest) implements StateMessage {}

    /** The answer to that, later: in these ranges they differ, and what the sender has there is on its way. */
    record Differ(BitSet ranges) implements StateMessage {}

    /** What an item costs beside its texts and octets. */
    int OVERHEAD = 20;

    /** About how many octets an item takes. */
    static int size(Vault.Item item) {
        return OVERHEAD + item.table().length() + item.key().length() + item.value().length;
    }

    /** The message as octets. */
    default byte[] octets() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(1_024);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            switch (this) {
                case Tell tell -> {
                    out.writeByte('T');
                    out.writeInt(tell.items().size());
                    for (Vault.Item item : tell.items()) {
                        write(out, item);
                    }
                }
                case Compare compare -> {
                    out.writeByte('C');
                    for (long range : compare.digest().ranges()) {
                        out.writeLong(range);
                    }
                }
                case Differ differ -> {
                    out.writeByte('D');
                    out.write(differ.ranges().toByteArray());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    private static void write(DataOutputStream out, Vault.Item item) throws IOException {
        out.writeUTF(item.table());
        out.writeUTF(item.key());
        out.writeLong(item.expires().toEpochMilli());
        out.writeInt(item.value().length);
        out.write(item.value());
    }

    /**
     * Reads a message.
     *
     * @throws IOException when this is none
     */
    static StateMessage read(byte[] octets) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets));
        int letter = in.readUnsignedByte();
        return switch (letter) {
            case 'T' -> {
                int count = in.readInt();
                if (count < 0 || count > in.available() / OVERHEAD + 1) {
                    throw new IOException("A list of " + count);
                }
                List<Vault.Item> items = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    items.add(item(in));
                }
                yield new Tell(items);
            }
            case 'C' -> {
                long[] ranges = new long[Digest.RANGES];
                for (int i = 0; i < ranges.length; i++) {
                    ranges[i] = in.readLong();
                }
                yield new Compare(new Digest(ranges));
            }
            case 'D' -> {
                if (in.available() > Digest.RANGES / 8) {
                    throw new IOException("Too many ranges");
                }
                yield new Differ(BitSet.valueOf(in.readAllBytes()));
            }
            default -> throw new IOException("Unknown message " + letter);
        };
    }

    private static Vault.Item item(DataInputStream in) throws IOException {
        String table = in.readUTF();
        String key = in.readUTF();
        long expires = in.readLong();
        int length = in.readInt();
        if (length < 0 || length > Math.min(in.available(), Vault.VALUE)) {
            throw new IOException("A value of " + length + " octets");
        }
        return new Vault.Item(table, key, in.readNBytes(length), Instant.ofEpochMilli(expires));
    }
}
