// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

class WireFormatTest {
    private static final Incarnation A = new Incarnation("a", 7);
    private static final MessageId ID = new MessageId(1, 2);
    private static final Register REGISTER = new Register("b", 3, 2);
    private static final HeldMessage RECORD = new HeldMessage(
            ID,
            new Ballot(4, A),
            true,
            9,
            7,
            List.of(new Keeper("a", 7, true), new Keeper("b", 3, false)),
            List.of(
                    Progress.initial(0, State.QUEUED, Instant.EPOCH),
                    new Progress(
                            1,
                            State.DELIVERED,
                            4,
                            6,
                            2,
                            Instant.ofEpochSecond(-5, 17),
                            "250 2.0.0 ✓",
                            "mx.example.net",
                            Instant.ofEpochSecond(1_700_000_000))),
            Set.of(1),
            List.of(new MessageId(5, 6)),
            1_700_000_000_000L);

    private static Frame frame(Message message) {
        return new Frame(A, 2, new Incarnation("b", 3), 11, message);
    }

    @Test
    void readsEveryMessageAsItWasWritten() throws Exception {
        for (Message message : List.of(
                new Message.Hello(),
                new Message.Renew(true),
                new Message.Fence(A),
                new Message.Store(List.of(RECORD, RECORD)),
                new Message.Drop(ID, new Ballot(1, A)),
                new Message.Claim(RECORD, List.of(REGISTER)),
                new Message.Inquire(RECORD))) {
            assertEquals(frame(message), WireFormat.frame(WireFormat.write(frame(message))));
        }
    }

    @Test
    void readsEveryAnswerAsItWasWritten() throws Exception {
        for (Answer answer : List.of(
                new Answer.Unknown(),
                new Answer.Late(),
                new Answer.NotReady(),
                new Answer.Fenced(REGISTER),
                new Answer.Renewed(REGISTER, List.of("b", "c")),
                new Answer.Beside(new byte[] {1, 2}),
                new Answer.Voted(),
                new Answer.NoVote("it was heard of"),
                new Answer.Registers(List.of(REGISTER), true),
                new Answer.Kept(RECORD, true),
                new Answer.Mine(RECORD),
                new Answer.Outbid(RECORD),
                new Answer.Absent())) {
            Response response = new Response(A, 0, answer);
            assertEquals(response, WireFormat.response(WireFormat.write(response)));
        }
    }

    @Test
    void refusesAVersionThatItDoesNotSpeak() {
        byte[] octets = WireFormat.write(frame(new Message.Renew(false)));
        octets[0] = (byte) (WireFormat.VERSION + 1);
        WireFormat.Refused refused = assertThrows(WireFormat.Refused.class, () -> WireFormat.frame(octets));
        assertTrue(refused.getMessage().contains("speaks version " + octets[0]), refused.getMessage());
        octets[0] = (byte) (WireFormat.OLDEST - 1);
        assertThrows(WireFormat.Refused.class, () -> WireFormat.frame(octets));
    }

    @Test
    void refusesDamagedOctetsAndNothingElseHappens() {
        byte[] whole = WireFormat.write(frame(new Message.Claim(RECORD, List.of(REGISTER))));
        for (int length = 0; length < whole.length; length++) {
            byte[] torn = Arrays.copyOf(whole, length);
            assertThrows(WireFormat.Refused.class, () -> WireFormat.frame(torn));
        }
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                WireFormat.frame(damaged);
            } catch (WireFormat.Refused e) {
                refused++;
            }
        }
        assertTrue(refused > 1_000, "refused: " + refused);
    }
}
