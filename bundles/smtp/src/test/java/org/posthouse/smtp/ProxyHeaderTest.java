// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProxyHeaderTest {
    private static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");

    /** Octets that arrive one by one. */
    private static Octets oneByOne(byte[] octets) {
        return new Octets(new Octets.Source() {
            private int at;

            @Override
            public @Nullable ByteBuffer next(long deadline) {
                return at < octets.length ? ByteBuffer.wrap(new byte[] {octets[at++]}) : null;
            }

            @Override
            public void used(byte[] array) {
                array[0] = 0;
            }
        });
    }

    private static @Nullable ProxyHeader read(byte[] octets) throws IOException {
        return ProxyHeader.read(oneByOne(octets), Long.MAX_VALUE);
    }

    private static byte[] version2(String rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        out.writeBytes(HexFormat.of().parseHex(rest));
        return out.toByteArray();
    }

    @Test
    void readsVersion1AndNothingBehindIt() throws IOException {
        Octets in = oneByOne("PROXY TCP4 192.0.2.77 127.0.0.1 34567 25\r\nEHLO".getBytes(StandardCharsets.US_ASCII));
        ProxyHeader header = ProxyHeader.read(in, Long.MAX_VALUE);
        assertEquals(new InetSocketAddress("192.0.2.77", 34567), header.client());
        assertEquals(new InetSocketAddress("127.0.0.1", 25), header.target());
        assertEquals('E', in.read(Long.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY FOO 1.2.3.4 5.6.7.8 1 2",
                "PROXY TCP4 999.1.1.1 1.1.1.1 1 2",
                "PROXY TCP4 1.2.3.4 1.1.1.1 99999 2",
                "PROXY TCP4 1.2.3.4 1.1.1.1 1",
                "PROXY TCP4 ::1 ::1 1 2",
                "PROXY TCP6 1.2.3.4 1.1.1.1 1 2",
                "PROXY  TCP4 1.2.3.4 1.1.1.1 1 2",
                "PROXY TCP4 1.2.3.4 1.1.1.1 01 2",
                "PROXY",
                "proxy TCP4 1.2.3.4 1.1.1.1 1 2",
                "PROXY TCP4 localhost 1.1.1.1 1 2"
            })
    void refusesWhatIsNoHeaderByTheLetter(String line) throws IOException {
        assertNull(read((line + "\r\n").getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void refusesOtherThingsThanHeaders() throws IOException {
        assertNull(read("EHLO x\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertNull(read(("PROXY " + "x".repeat(300) + "\r\n").getBytes(StandardCharsets.US_ASCII)));
        assertNull(read("PROXY TCP4 1.2.3.4 1.1.1.1 1 2\n".getBytes(StandardCharsets.US_ASCII)));
        assertNull(read("\r\n\r\nEHLO".getBytes(StandardCharsets.US_ASCII)));
        assertNull(read(new byte[0]));
    }

    @Test
    void readsVersion2WithExtensions() throws IOException {
        ProxyHeader header = read(version2("2111000f" + "c000024d" + "7f000001" + "8707" + "0019" + "040000"));
        assertEquals(new InetSocketAddress("192.0.2.77", 34567), header.client());
    }

    @Test
    void readsVersion2WithIpv6() throws IOException {
        String address = "20010db8000000000000000000000001";
        ProxyHeader header = read(version2("21210024" + address + address + "0001" + "0002"));
        assertEquals(new InetSocketAddress("2001:db8::1", 1), header.client());
    }

    @Test
    void takesTheProxyForItselfWhenItSaysSo() throws IOException {
        assertNull(read(version2("20000000")).client());
        assertNull(read("PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII)).client());
    }

    @Test
    void refusesVersion2ThatLies() throws IOException {
        assertNull(read(version2("2111000401020304")));
        assertNull(read(version2("3111000c" + "c000024d7f00000187070019")));
        assertNull(read(version2("2111ffff")));
    }
}
