// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Reply;

final class ReplyReaderTest {
    private static Response read(byte[] octets, boolean close) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket remote = server.accept();
                StalledWrites watch = new StalledWrites(Duration.ofMinutes(1))) {
            Thread.ofVirtual().start(() -> {
                try {
                    remote.getOutputStream().write(octets);
                    if (close) {
                        remote.shutdownOutput();
                    }
                } catch (IOException e) {
                    if (!remote.isClosed()) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            });
            return new ReplyReader(new Wire(client, watch)).read(Duration.ofMillis(close ? 5000 : 200));
        }
    }

    private static Reply reply(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8), true).reply();
    }

    @Test
    void takesOutTheEnhancedCodeThatFits() throws IOException {
        assertEquals(new Reply(550, "5.1.1", "no such user"), reply("550 5.1.1 no such user\r\n"));
        assertEquals(new Reply(550, "", "4.1.1 odd"), reply("550 4.1.1 odd\r\n"));
        assertEquals(new Reply(550, "", "5.1.1.1 odd"), reply("550 5.1.1.1 odd\r\n"));
        assertEquals(new Reply(250, "", ""), reply("250\r\n"));
        assertEquals(new Reply(250, "", "ok"), reply("250 ok\n"));
    }

    @Test
    void joinsTheLinesOfAReply() throws IOException {
        assertEquals(
                new Reply(550, "5.1.1", "first second third"),
                reply("550-5.1.1 first\r\n550-5.1.1 second\r\n550 5.1.1 third\r\n"));
    }

    @Test
    void callsGarbageNoReply() {
        assertThrows(NotSmtp.class, () -> reply("garbage without code\r\n"));
        assertThrows(NotSmtp.class, () -> reply("2500 four digits\r\n"));
        assertThrows(NotSmtp.class, () -> reply("199 too low\r\n"));
        assertThrows(NotSmtp.class, () -> reply("600 too high\r\n"));
        assertThrows(NotSmtp.class, () -> reply("250-one\r\n550 two\r\n"));
        assertThrows(NotSmtp.class, () -> reply("\r\n"));
        assertThrows(NotSmtp.class, () -> reply("250 " + "x".repeat(100_000) + "\r\n"));
        assertThrows(NotSmtp.class, () -> reply("250-x\r\n".repeat(5000)));
    }

    @Test
    void cutsOverlongLinesAndText() throws IOException {
        assertTrue(reply("550 5.1.1 " + "x".repeat(3000) + "\r\n").text().length() <= 1000);
        assertTrue(reply("550-5.1.1 many many words\r\n".repeat(90) + "550 end\r\n")
                        .text()
                        .length()
                <= 1000);
    }

    @Test
    void makesControlAndStrayOctetsHarmless() throws IOException {
        assertEquals("?[31mred ?", reply("550 \u001b[31mred \u0007\r\n").text());
        assertEquals("caf\u00e9", reply("550 caf\u00e9\r\n").text());
        byte[] latin1 = "550 caf\u00e9 x\r\n".getBytes(StandardCharsets.ISO_8859_1);
        assertEquals("caf? x", read(latin1, true).reply().text());
        assertEquals("a?b", reply("550 a\u0000b\r\n").text());
    }

    @Test
    void saysWhenTheOtherSideIsGoneOrSilent() {
        assertThrows(EOFException.class, () -> reply("250-half a repl"));
        byte[] drip = "250".getBytes(StandardCharsets.US_ASCII);
        assertThrows(SocketTimeoutException.class, () -> read(drip, false));
    }
}
