// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FramerTest {
    /** Pieces that arrive; each array is spoilt once it was used, as a wire that fills it again would do. */
    private static final class Pieces implements Octets.Source {
        private final Deque<ByteBuffer> left = new ArrayDeque<>();

        Pieces(byte[]... pieces) {
            for (byte[] piece : pieces) {
                left.add(ByteBuffer.wrap(Arrays.copyOf(piece, piece.length + 3), 0, piece.length));
            }
        }

        @Override
        public @Nullable ByteBuffer next(long deadline) {
            return left.poll();
        }

        @Override
        public void used(byte[] array) {
            Arrays.fill(array, (byte) '!');
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Framer framer(String... pieces) {
        return new Framer(new Octets(
                new Pieces(Arrays.stream(pieces).map(FramerTest::octets).toArray(byte[][]::new))));
    }

    private static byte[][] cut(byte[] whole, Random random) {
        Deque<byte[]> pieces = new ArrayDeque<>();
        for (int at = 0; at < whole.length; ) {
            int length = Math.min(whole.length - at, 1 + random.nextInt(random.nextBoolean() ? 4 : 300));
            pieces.add(Arrays.copyOfRange(whole, at, at + length));
            at += length;
        }
        return pieces.toArray(byte[][]::new);
    }

    /** Random text of CRLF lines, rich in dots at line starts. */
    private static byte[] message(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int lines = random.nextInt(60);
        for (int i = 0; i < lines; i++) {
            for (int dots = random.nextInt(4); dots > 0 && random.nextBoolean(); dots--) {
                out.write('.');
            }
            byte[] line = new byte[random.nextInt(random.nextInt(20) == 0 ? 5000 : 80)];
            random.nextBytes(line);
            for (byte octet : line) {
                out.write(octet == '\r' || octet == '\n' ? ' ' : octet);
            }
            out.writeBytes(octets("\r\n"));
        }
        return out.toByteArray();
    }

    private static byte[] stuffed(byte[] message) {
        String text = "\r\n" + new String(message, StandardCharsets.ISO_8859_1);
        return octets(text.replace("\r\n.", "\r\n..").substring(2) + ".\r\n");
    }

    @Test
    void givesBackRandomMessagesCutAnywhere() throws IOException {
        Random random = new Random(20261121);
        for (int round = 0; round < 2000; round++) {
            byte[] message = message(random);
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            wire.writeBytes(stuffed(message));
            wire.writeBytes(octets("NEXT\r\n"));
            Framer framer = new Framer(new Octets(new Pieces(cut(wire.toByteArray(), random))));
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            assertTrue(framer.data(got::write, 1000));
            assertArrayEquals(message, got.toByteArray());
            assertEquals("NEXT", line(framer));
        }
    }

    @Test
    void givesBackRandomChunksCutAnywhere() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            byte[] message = message(random);
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            wire.writeBytes(message);
            wire.writeBytes(octets("NEXT\r\n"));
            Framer framer = new Framer(new Octets(new Pieces(cut(wire.toByteArray(), random))));
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            LineEnds lineEnds = new LineEnds();
            framer.chunk(
                    message.length,
                    (o, from, length) -> {
                        lineEnds.watch(o, from, from + length);
                        got.write(o, from, length);
                    },
                    1000);
            assertArrayEquals(message, got.toByteArray());
            assertTrue(lineEnds.clean() && lineEnds.atLineStart());
            assertEquals("NEXT", line(framer));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n.\n",
                "\n.\r\n",
                "\r\n.\n",
                "\r.\r",
                "\r.\r\n",
                "\r\n.\r",
                "\n.\r",
                "\r.\n",
                "\r\r\n.\r\r\n",
                "\n\r.\n\r",
                "\r\0\n.\r\0\n",
                "\r\n.\r\r\n"
            })
    void takesNoLoneCrOrLfForAnEnd(String trick) throws IOException {
        for (int cut = 0; cut <= trick.length(); cut++) {
            Framer framer = framer(
                    "first" + trick.substring(0, cut),
                    trick.substring(cut) + "MAIL FROM:<x@y.example>\r\n",
                    ".\r\nQUIT\r\n");
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            assertFalse(framer.data(got::write, 1000), "taken for clean, cut at " + cut);
            assertEquals("QUIT", line(framer));
        }
    }

    @Test
    void keepsWhatOnlyLooksLikeAnEnd() throws IOException {
        for (String trick : new String[] {"\r\n.\0\r\n", "\r\n. \r\n", "\r\n .\r\n", "\013.\013", "\205.\205"}) {
            Framer framer = framer("a" + trick + "b\r\n.\r\n");
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            assertTrue(framer.data(got::write, 1000));
            String expected = "a" + trick.replace("\r\n.", "\r\n") + "b\r\n";
            assertEquals(expected, got.toString(StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void refusesDataThatEndsWithTheConnection() {
        Framer framer = framer("text\r\n.");
        assertThrows(EOFException.class, () -> framer.data((o, f, l) -> {}, 1000));
    }

    @Test
    void endsCommandsByCrlfAlone() throws IOException {
        Framer framer = framer("NO", "OP\r", "\nRSET\nQUIT\r\nNOOP\rNOOP\r\nHELP\r\n");
        assertEquals("NOOP", line(framer));
        assertEquals(Framer.Fault.BARE, fault(framer));
        assertEquals(Framer.Fault.BARE, fault(framer));
        assertEquals("HELP", line(framer));
        assertNull(framer.line(1000));
    }

    @Test
    void readsOnBehindALineThatIsTooLong() throws IOException {
        Framer framer = framer("x".repeat(Framer.LINE_LIMIT + 1) + "\r\n" + "y".repeat(Framer.LINE_LIMIT) + "\r\n");
        assertEquals(Framer.Fault.TOO_LONG, fault(framer));
        assertEquals(Framer.LINE_LIMIT, line(framer).length());
    }

    @Test
    void givesUpOnALineWithoutEnd() throws IOException {
        assertEquals(Framer.Fault.ENDLESS, fault(framer("x".repeat(Framer.ENDLESS + 1))));
    }

    @Test
    void knowsTlsWhereNoneShouldBe() throws IOException {
        assertEquals(Framer.Fault.TLS, fault(framer("\026\003\001")));
    }

    private static String line(Framer framer) throws IOException {
        Framer.Line line = framer.line(1000);
        assertEquals(Framer.Fault.NONE, line.fault());
        return new String(line.octets(), StandardCharsets.ISO_8859_1);
    }

    private static Framer.Fault fault(Framer framer) throws IOException {
        return framer.line(1000).fault();
    }
}
