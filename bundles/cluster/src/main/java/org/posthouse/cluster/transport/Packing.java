// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** How the items of a parcel stand one after the other: letter, number of the call, length, octets. */
final class Packing {
    private Packing() {}

    static byte[] pack(List<Item> items) {
        ByteBuffer out = ByteBuffer.allocate(items.stream().mapToInt(Item::size).sum());
        for (Item item : items) {
            out.put((byte) item.kind().letter());
            out.putLong(item.call());
            out.putInt(item.octets().length);
            out.put(item.octets());
        }
        return out.array();
    }

    static List<Item> unpack(byte[] octets) throws Refusal {
        List<Item> items = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(octets);
        while (in.hasRemaining()) {
            if (in.remaining() < Item.OVERHEAD) {
                throw new Refusal(Refusal.Reason.DAMAGED, "a parcel ends within an item");
            }
            Item.Kind kind = kind(in.get());
            long call = in.getLong();
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw new Refusal(Refusal.Reason.DAMAGED, "an item of " + length + " octets");
            }
            byte[] content = new byte[length];
            in.get(content);
            items.add(new Item(kind, call, content));
        }
        return items;
    }

    private static Item.Kind kind(byte letter) throws Refusal {
        for (Item.Kind kind : Item.Kind.values()) {
            if (kind.letter() == letter) {
                return kind;
            }
        }
        throw new Refusal(Refusal.Reason.VERSION, "an item of the unknown kind " + letter);
    }
}
