// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.testkit.service.FakeDns;

final class EndpointTest {
    private final FakeDns dns = new FakeDns().address("milter.example.org", "192.0.2.1");

    private List<SocketAddress> addresses(String text) throws UnknownHostException {
        return Endpoint.parse(text).addresses(dns);
    }

    @Test
    void isAPortOfAHostOrASocketInTheFileSystem() {
        assertEquals(new Endpoint.Tcp("::1", 8891), Endpoint.parse("inet6:[::1]:8891"));
        assertEquals(new Endpoint.Tcp("dkim.example.org", 8891), Endpoint.parse("dkim.example.org:8891"));
        assertEquals(new Endpoint.Unix("/run/opendkim.sock"), Endpoint.parse("local:/run/opendkim.sock"));
        assertEquals("[::1]:8891", Endpoint.parse("[::1]:8891").toString());
        assertEquals("unix:/run/x", Endpoint.parse("unix:/run/x").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "8891", "host", "host:0", "host:70000", "unix:relative", "a b:1", "inet:8891@127.0.0.1"})
    void refusesWhatIsNeither(String wrong) {
        assertThrows(IllegalArgumentException.class, () -> Endpoint.parse(wrong));
    }

    @Test
    void looksUpNamesByTheServersResolverAndNothingElse() throws UnknownHostException {
        assertEquals(List.of(new InetSocketAddress("192.0.2.1", 25)), addresses("milter.example.org:25"));
        assertEquals(List.of(new InetSocketAddress("127.0.0.1", 25)), addresses("127.0.0.1:25"));
        assertEquals(List.of(new InetSocketAddress("127.0.0.1", 25)), addresses("localhost:25"));
        assertEquals(List.of(UnixDomainSocketAddress.of("/run/x")), addresses("unix:/run/x"));
        assertThrows(UnknownHostException.class, () -> addresses("nowhere.example.org:25"));
        assertThrows(UnknownHostException.class, () -> addresses("127.0.0.999:25"));
    }
}
