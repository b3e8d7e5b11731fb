// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class EightBitTest {
    /** Collects what comes. */
    private static final class Sink implements OctetSink {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        @Override
        public void put(byte[] octets, int offset, int length) {
            out.write(octets, offset, length);
        }

        @Override
        public void end() {}
    }

    private static EightBitSurvey survey(String message) throws IOException {
        EightBitSurvey survey = new EightBitSurvey();
        walk(message, survey);
        return survey;
    }

    private static void walk(String message, PartVisitor visitor) throws IOException {
        byte[] octets = message.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
        MimeWalk walk = new MimeWalk(visitor);
        for (int i = 0; i < octets.length; i += 7) {
            walk.put(octets, i, Math.min(7, octets.length - i));
        }
        walk.end();
    }

    private static String converted(String message) throws IOException {
        EightBitSurvey survey = survey(message);
        assertTrue(survey.possible());
        Sink sink = new Sink();
        walk(message, new EightBitEncoder(survey, sink));
        byte[] all = sink.out.toByteArray();
        for (byte b : all) {
            assertTrue(b >= 0, "an 8-bit octet is left");
        }
        return new String(all, StandardCharsets.US_ASCII).replace("\r\n", "\n");
    }

    @Test
    void encodesASimpleText() throws IOException {
        assertEquals("""
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Gr=C3=BC=C3=9Fe =3D ok=20
                .dot
                """, converted("""
                        MIME-Version: 1.0
                        Content-Type: text/plain; charset=utf-8
                        Content-Transfer-Encoding: 8bit

                        Gr\u00fc\u00dfe = ok\s
                        .dot
                        """));
    }

    @Test
    void encodesOnlyThePartsThatNeedIt() throws IOException {
        assertEquals(
                """
                Content-Type: multipart/mixed; boundary="b 1"
                Content-Transfer-Encoding: 7bit

                before
                --b 1
                Content-Type: text/plain

                plain = text
                --b 1
                Content-Type: text/html
                Content-Transfer-Encoding: quoted-printable

                <p>=C3=A9</p>
                --b 1
                Content-Type: application/x-thing
                Content-Transfer-Encoding: base64

                w6kK
                --b 1
                Content-Type: message/rfc822

                Subject: inner
                Content-Transfer-Encoding: quoted-printable

                =C3=A4
                --b 1--
                after
                """.replace("w6kK", Base64.getEncoder().encodeToString("\u00e9\r\nx".getBytes(StandardCharsets.UTF_8))),
                converted("""
                        Content-Type: multipart/mixed; boundary="b 1"
                        Content-Transfer-Encoding: 8bit

                        before
                        --b 1
                        Content-Type: text/plain

                        plain = text
                        --b 1
                        Content-Type: text/html
                        Content-Transfer-Encoding: 8bit

                        <p>\u00e9</p>
                        --b 1
                        Content-Type: application/x-thing

                        \u00e9
                        x
                        --b 1
                        Content-Type: message/rfc822

                        Subject: inner

                        \u00e4
                        --b 1--
                        after
                        """));
    }

    @Test
    void refusesWhatCanNotBeEncoded() throws IOException {
        assertFalse(survey("Subject: \u00e9\n\nbody\n").possible());
        assertFalse(survey("Content-Transfer-Encoding: base64\n\n\u00e9\n").possible());
        String signed = "Content-Type: multipart/signed; boundary=b\n\n--b\n\n\u00e9\n--b--\n";
        assertFalse(survey(signed).possible());
        assertFalse(survey(signed.replace("--b\n\n", "\u00e9\n--b\n\n")).possible());
        assertTrue(survey(signed.replace("\u00e9", "e")).possible());
        assertFalse(survey("Content-Type: multipart/mixed\n\n\u00e9\n").possible());
        assertFalse(survey("X: " + "y".repeat(300_000) + "\n\nbody\n").possible());
    }

    @Test
    void quotedPrintableComesBackWhateverItIs() throws IOException {
        Random random = new Random(7);
        byte[] alphabet = {' ', '\t', '=', 'a', 'b', (byte) 200, '.', '\r', '\n', 0};
        for (int round = 0; round < 5000; round++) {
            byte[] in = new byte[random.nextInt(200)];
            for (int i = 0; i < in.length; i++) {
                in[i] = alphabet[random.nextInt(alphabet.length)];
                if (in[i] == '\n' && (i == 0 || in[i - 1] != '\r')) {
                    in[i] = 'x';
                }
            }
            Sink sink = new Sink();
            QuotedPrintable encoder = new QuotedPrintable(sink);
            encoder.put(in, 0, in.length);
            encoder.end();
            String text = sink.out.toString(StandardCharsets.US_ASCII);
            for (String line : text.split("\r\n")) {
                assertTrue(line.length() <= 76);
                assertFalse(line.endsWith(" ") || line.endsWith("\t"));
            }
            assertArrayEquals(in, decoded(text), text);
        }
    }

    private static byte[] decoded(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String joined = text.replace("=\r\n", "");
        for (int i = 0; i < joined.length(); i++) {
            if (joined.charAt(i) == '=') {
                out.write(Integer.parseInt(joined.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                out.write(joined.charAt(i));
            }
        }
        return out.toByteArray();
    }

    @Test
    void base64ComesBackWithoutTheLastLineEnd() throws IOException {
        Random random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            byte[] in = new byte[random.nextInt(300)];
            for (int i = 0; i < in.length; i++) {
                in[i] = new byte[] {'\r', '\n', 'a', (byte) 0x80}[random.nextInt(4)];
            }
            Sink sink = new Sink();
            Base64Lines encoder = new Base64Lines(sink);
            encoder.put(in, 0, in.length);
            encoder.end();
            boolean lineEnd = in.length > 1 && in[in.length - 1] == '\n' && in[in.length - 2] == '\r';
            byte[] wanted = lineEnd ? Arrays.copyOf(in, in.length - 2) : in;
            assertArrayEquals(wanted, Base64.getMimeDecoder().decode(sink.out.toByteArray()));
        }
    }
}
