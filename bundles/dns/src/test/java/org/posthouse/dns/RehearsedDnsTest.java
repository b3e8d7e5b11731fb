// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Dns.Answer;
import org.posthouse.api.service.Dns.Status;
import org.posthouse.pipeline.spi.HookScope;

final class RehearsedDnsTest {
    private final List<String> asked = new ArrayList<>();
    private final Map<String, String> noted = new HashMap<>();
    private final Dns dns = new RehearsedDns((Dns)
            Proxy.newProxyInstance(Dns.class.getClassLoader(), new Class<?>[] {Dns.class}, (proxy, method, args) -> {
                asked.add(method.getName());
                return answer(method.getName());
            }));

    private static Answer<?> answer(String method) throws Exception {
        List<?> records = switch (method) {
            case "mx" -> List.of(new Dns.Mx(10, "mx.example.org"), new Dns.Mx(0, ""));
            case "a" -> List.of(InetAddress.getByName("192.0.2.1"));
            case "aaaa" -> List.of(InetAddress.getByName("2001:db8::1"));
            case "txt" -> List.of("v=spf1 -all", "two\nlines");
            case "ptr" -> List.of("host.example");
            default -> List.of(new Dns.Tlsa(3, 1, 1, new byte[] {1, -1}));
        };
        return new Answer<>(Status.FOUND, records, method.equals("a"), Duration.ofSeconds(60));
    }

    private List<Object> all() throws Exception {
        Answer<Dns.Tlsa> tlsa = dns.tlsa("_25._tcp.example.org");
        assertArrayEquals(new byte[] {1, -1}, tlsa.records().get(0).data());
        return List.of(
                dns.mx("example.org"),
                dns.a("example.org"),
                dns.aaaa("example.org"),
                dns.txt("example.org"),
                dns.ptr(InetAddress.getByName("192.0.2.1")));
    }

    @Test
    void answersByTheRecordingWhatWasRecordedAndAsksTheRest() throws Exception {
        List<Object> live;
        HookScope.Closing noting = HookScope.note((service, question, text) -> noted.put(question, text));
        try {
            live = all();
        } finally {
            noting.close();
        }
        assertEquals(6, noted.size());
        asked.clear();
        HookScope.Closing scope =
                HookScope.open("p", HookScope.Mode.REPLAY, (service, question) -> noted.get(question));
        try {
            assertEquals(live, all());
            assertEquals(List.of(), asked);
            dns.mx("other.example");
            assertEquals(List.of("mx"), asked);
        } finally {
            scope.close();
        }
    }

    @Test
    void isAsUsualWithoutARecording() {
        dns.mx("example.org");
        assertEquals(List.of("mx"), asked);
        assertEquals(Map.of(), noted);
    }
}
