// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.transport.Refusal.Reason;

class SealTest {
    private static final Label LABEL = new Label(new Incarnation("a", 7), new Incarnation("b", 3), 11);
    private static final byte[] CONTENT = "what nobody else may read".getBytes(StandardCharsets.US_ASCII);

    private static ClusterKey key(int fill) {
        byte[] octets = new byte[32];
        Arrays.fill(octets, (byte) fill);
        return new ClusterKey(octets);
    }

    private static Seal seal(int... keys) {
        return new Seal(new KeyRing(Arrays.stream(keys).mapToObj(SealTest::key).toList()));
    }

    private static Reason refused(Seal seal, byte[] parcel) {
        return assertThrows(Refusal.class, () -> seal.open(parcel)).reason();
    }

    @Test
    void opensWhatItClosed() throws Exception {
        byte[] parcel = seal(1).close(LABEL, CONTENT);
        Seal.Opened opened = seal(1).open(parcel);
        assertEquals(LABEL, opened.label());
        assertArrayEquals(CONTENT, opened.content());
        assertFalse(new String(parcel, StandardCharsets.ISO_8859_1).contains("nobody"));
        assertEquals("a@7", Seal.claimed(parcel));
    }

    @Test
    void theSameIsNeverClosedTwiceInTheSameWay() {
        Seal seal = seal(1);
        assertFalse(Arrays.equals(seal.close(LABEL, CONTENT), seal.close(LABEL, CONTENT)));
    }

    @Test
    void keysAreChangedInThreeRounds() throws Exception {
        for (int[][] pair : new int[][][] {
            {{1}, {1, 2}}, {{1, 2}, {1}}, {{1, 2}, {2, 1}}, {{2, 1}, {1, 2}}, {{2, 1}, {2}}, {{2}, {2, 1}}
        }) {
            assertArrayEquals(
                    CONTENT,
                    seal(pair[1]).open(seal(pair[0]).close(LABEL, CONTENT)).content());
        }
    }

    @Test
    void refusesAKeyThatItDoesNotHaveAndNamesBoth() {
        Refusal refusal = assertThrows(Refusal.class, () -> seal(2).open(seal(1).close(LABEL, CONTENT)));
        assertEquals(Reason.KEY, refusal.reason());
        assertTrue(refusal.getMessage().contains(ClusterKey.name(key(1).hint())), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(ClusterKey.name(key(2).hint())), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("cluster.keys"), refusal.getMessage());
    }

    @Test
    void refusesAnotherVersion() {
        byte[] parcel = seal(1).close(LABEL, CONTENT);
        parcel[1]++;
        assertEquals(Reason.VERSION, refused(seal(1), parcel));
    }

    @Test
    void refusesWhateverWasChanged() {
        byte[] parcel = seal(1).close(LABEL, CONTENT);
        for (int i = 0; i < parcel.length; i++) {
            byte[] changed = parcel.clone();
            changed[i] ^= 1;
            assertThrows(Refusal.class, () -> seal(1).open(changed));
        }
        for (int length = 0; length < parcel.length; length++) {
            byte[] torn = Arrays.copyOf(parcel, length);
            assertThrows(Refusal.class, () -> seal(1).open(torn));
        }
    }

    @Test
    void packsManyItemsAndRefusesTornOnes() throws Exception {
        List<Item> items = List.of(
                new Item(Item.Kind.CALL, 1, CONTENT),
                new Item(Item.Kind.ANSWER, Long.MIN_VALUE, new byte[0]),
                new Item(Item.Kind.CALL, -2, new byte[100_000]));
        byte[] packed = Packing.pack(items);
        List<Item> unpacked = Packing.unpack(packed);
        assertEquals(3, unpacked.size());
        for (int i = 0; i < 3; i++) {
            assertEquals(items.get(i).kind(), unpacked.get(i).kind());
            assertEquals(items.get(i).call(), unpacked.get(i).call());
            assertArrayEquals(items.get(i).octets(), unpacked.get(i).octets());
        }
        byte[] torn = Arrays.copyOf(packed, packed.length - 1);
        assertEquals(
                Reason.DAMAGED,
                assertThrows(Refusal.class, () -> Packing.unpack(torn)).reason());
        packed[0] = 'Z';
        assertEquals(
                Reason.VERSION,
                assertThrows(Refusal.class, () -> Packing.unpack(packed)).reason());
    }
}
