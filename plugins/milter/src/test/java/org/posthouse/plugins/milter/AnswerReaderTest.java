// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.posthouse.plugins.milter.FakeMilter.packet;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Reply;

final class AnswerReaderTest {
    private static Answer read(byte[] octets) throws IOException {
        return new AnswerReader(new ByteArrayInputStream(octets)).next();
    }

    private static Reply refused(String text) throws IOException {
        return assertInstanceOf(Answer.Refuse.class, read(packet('y', text))).reply();
    }

    @Test
    void readsTheAnswersWithoutData() throws IOException {
        assertEquals(new Answer.Continue(), read(packet('c')));
        assertEquals(new Answer.Accept(), read(packet('a')));
        assertEquals(new Answer.Discard(), read(packet('d')));
        assertEquals(new Answer.Reject(), read(packet('r')));
        assertEquals(new Answer.Tempfail(), read(packet('t')));
        assertEquals(new Answer.Progress(), read(packet('p')));
        assertEquals(new Answer.Skip(), read(packet('s')));
        assertEquals(new Answer.Shutdown(), read(packet('4')));
        assertEquals(new Answer.Shutdown(), read(packet('f')));
    }

    @Test
    void readsTheChanges() throws IOException {
        assertEquals(new Answer.AddHeader("X", "v"), read(packet('h', "X", "v")));
        assertEquals(new Answer.InsertHeader(2, "X", "v"), read(packet('i', 2, "X", "v")));
        assertEquals(new Answer.ChangeHeader(1, "X", ""), read(packet('m', 1, "X", "")));
        assertEquals(new Answer.ChangeSender("<a@b>", ""), read(packet('e', "<a@b>")));
        assertEquals(new Answer.ChangeSender("<a@b>", "RET=HDRS"), read(packet('e', "<a@b>", "RET=HDRS")));
        assertEquals(new Answer.AddRecipient("<a@b>", ""), read(packet('+', "<a@b>")));
        assertEquals(new Answer.AddRecipient("<a@b>", "NOTIFY=NEVER"), read(packet('2', "<a@b>", "NOTIFY=NEVER")));
        assertEquals(new Answer.RemoveRecipient("<a@b>"), read(packet('-', "<a@b>")));
        assertEquals(new Answer.Quarantine("odd"), read(packet('q', "odd")));
        byte[] chunk = {1, 0, 2};
        assertArrayEquals(
                chunk,
                assertInstanceOf(Answer.ReplaceBody.class, read(packet('b', chunk)))
                        .octets());
    }

    @Test
    void readsWhatAMilterAgreesTo() throws IOException {
        Options plain = assertInstanceOf(Answer.Negotiated.class, read(packet('O', 2, 0x3F, 0x7F)))
                .options();
        assertEquals(new Options(2, 0x3F, 0x7F, Map.of()), plain);
        byte[] long6 = packet('O', 6, 0x1FF, 0, 0, "j {client_addr},v", 5, "");
        assertEquals(
                Map.of(0, List.of("j", "{client_addr}", "v"), 5, List.of()),
                assertInstanceOf(Answer.Negotiated.class, read(long6)).options().macros());
    }

    @Test
    void readsRepliesOfOneLine() throws IOException {
        assertEquals(new Reply(550, "5.7.1", "No thanks"), refused("550 5.7.1 No thanks"));
        assertEquals(new Reply(451, "", "Later"), refused("451 Later"));
        assertEquals(new Reply(550, "5.7.1", ""), refused("550 5.7.1"));
        assertEquals(new Reply(554, "", ""), refused("554"));
    }

    @Test
    void joinsRepliesOfManyLines() throws IOException {
        assertEquals(
                new Reply(550, "5.7.1", "One two three"), refused("550-5.7.1 One\r\n550-5.7.1 two\r\n550 5.7.1 three"));
        assertEquals(new Reply(550, "5.7.1", "One stray two"), refused("550-5.7.1 One\nstray\n550 5.7.1 two\n"));
    }

    @Test
    void undoublesPercentSigns() throws IOException {
        assertEquals("100% sure, sir", refused("550 5.7.1 100%% sure, %sir%").text());
    }

    @Test
    void keepsControlCharactersFromTheClient() throws IOException {
        assertEquals("a?b?c", refused("550 a\tb\u00fcc").text());
        assertEquals(480, refused("550 " + "x".repeat(5000)).text().length());
    }

    @Test
    void anEnhancedCodeOfAnotherClassIsLeftOut() throws IOException {
        assertEquals(new Reply(451, "", "x"), refused("451 5.7.1 x"));
    }

    @Test
    void refusesWhatIsNoPacket() {
        for (byte[] octets : List.of(
                packet('z'),
                packet('c', "data"),
                packet('h', "X", "no end".getBytes(StandardCharsets.US_ASCII)),
                packet('h', "", "v"),
                packet('h', "a b", "v"),
                packet('h', "a:b", "v"),
                packet('i', -1, "X", "v"),
                packet('m', 1),
                packet('+', "<a@b>", "more"),
                packet('y', "250 fine"),
                packet('y', "no code"),
                packet('y'),
                packet('O', 6, 0),
                packet('O', 6, 0, 0, 7, "j"),
                new byte[] {0, 0, 0, 0},
                new byte[] {-1, -1, -1, -1, 'c'},
                new byte[] {0x7F, -1, -1, -1, 'c'})) {
            assertThrows(
                    MalformedAnswer.class, () -> read(octets), () -> new String(octets, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void noticesWhereOctetsEnd() {
        byte[] whole = packet('h', "X", "v");
        for (int length = 0; length < whole.length; length++) {
            byte[] part = java.util.Arrays.copyOf(whole, length);
            assertThrows(EOFException.class, () -> read(part));
        }
    }

    @Test
    void survivesAnyOctets() {
        Random random = new Random(8);
        byte[] letters = "Ocsadrtp4fyhime+2-bqz".getBytes(StandardCharsets.US_ASCII);
        for (int round = 0; round < 20_000; round++) {
            byte[] data = new byte[random.nextInt(40)];
            random.nextBytes(data);
            byte[] octets = packet((char) letters[random.nextInt(letters.length)], data);
            try {
                read(octets);
            } catch (IOException expected) {
                assertEquals(false, expected.toString().isEmpty());
            }
        }
    }
}
