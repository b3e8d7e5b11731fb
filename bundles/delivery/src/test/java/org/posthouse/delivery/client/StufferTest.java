// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StufferTest {
    /** Collects what is written. */
    private static final class Sheet implements Outlet {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        @Override
        public void write(byte octet) {
            out.write(octet);
        }

        @Override
        public void write(byte[] octets, int offset, int length) {
            out.write(octets, offset, length);
        }

        String text() {
            return out.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private static String stuffed(String text, boolean dots, Random splits) throws IOException {
        Sheet sheet = new Sheet();
        Stuffer stuffer = new Stuffer(sheet, dots);
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < octets.length) {
            int n = Math.min(octets.length - at, 1 + splits.nextInt(20));
            stuffer.put(octets, at, n);
            at += n;
        }
        stuffer.end();
        return sheet.text();
    }

    private static String stuffed(String text) throws IOException {
        return stuffed(text, true, new Random(1));
    }

    @Test
    void doublesDotsAtTheStartOfLinesOnly() throws IOException {
        assertEquals("..\r\n...a\r\nb.\r\n", stuffed(".\r\n..a\r\nb.\r\n"));
    }

    @Test
    void endsTheLastLine() throws IOException {
        assertEquals("a\r\n", stuffed("a"));
        assertEquals("", stuffed(""));
        assertEquals("a\r\n", stuffed("a\r"));
    }

    @Test
    void neverSendsALoneCrOrLf() throws IOException {
        assertEquals("a\r\n..\r\nb\r\n", stuffed("a\n.\nb\n"));
        assertEquals("a\r\n..b\r\n\r\n", stuffed("a\r.b\r\r\n"));
        assertEquals("x\r\n..\r\ny\r\n", stuffed("x\n.\r\ny"));
    }

    @Test
    void isTheSameForAllSplitsAndComesBackUnstuffed() throws IOException {
        Random random = new Random(42);
        char[] alphabet = {'.', '\r', '\n', 'a', '\u00ff', '\0', 'b', 'c', 'd', 'e', '\r', '\n'};
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(120);
            for (int i = 0; i < length; i++) {
                text.append(alphabet[random.nextInt(alphabet.length)]);
            }
            String normal = normalised(text.toString());
            String sent = stuffed(text.toString(), true, random);
            String back = sent.startsWith(".") ? sent.substring(1) : sent;
            assertEquals(normal, back.replace("\r\n.", "\r\n"));
            assertEquals(-1, ("\r\n" + sent).indexOf("\r\n.\r\n"));
            String plain = stuffed(text.toString(), false, random);
            assertEquals(normal, plain.endsWith("\r\n") || plain.isEmpty() ? plain : plain + "\r\n");
        }
    }

    private static String normalised(String text) {
        String lines = text.replace("\r\n", "\n").replace('\r', '\n');
        String ended = lines.isEmpty() || lines.endsWith("\n") ? lines : lines + "\n";
        return ended.replace("\n", "\r\n");
    }
}
