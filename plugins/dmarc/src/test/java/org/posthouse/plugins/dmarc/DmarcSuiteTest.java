// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.service.Dns;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeJobs;
import org.posthouse.testkit.service.FakeOutbox;
import org.posthouse.testkit.service.FakeState;

/**
 * The public suite of DMARC without SMTP between. SPF and DKIM are other plugins' work: here an SPF record passes when it
 * lists the address itself, and every signature of the messages is taken for good.
 */
final class DmarcSuiteTest {
    private static final Pattern SIGNATURE =
            Pattern.compile("(?is)^DKIM-Signature:.*?\\bd=([^;\\s]+)", Pattern.MULTILINE);
    private static final Pattern FIELD = Pattern.compile("(?m)^[!-9;-~]+[ \\t]*:.*(?:\\r\\n[ \\t].*)*");

    @Test
    void judgesAsTheSuiteSays() throws IOException {
        JsonNode suite = Suite.read("dmarc");
        List<String> wrong = new ArrayList<>();
        int judged = 0;
        for (JsonNode one : suite.get("cases")) {
            AuthResults.Result result =
                    judge(new Zone(suite.get("zones").get(one.get("zone").textValue())), one);
            List<String> expected = new ArrayList<>();
            one.get("expect").get("dmarc").forEach(word -> expected.add(word.textValue()));
            JsonNode policy = one.get("policy");
            boolean right = expected.contains(result.value())
                    && (policy == null || result.properties().contains("policy.dmarc=" + policy.textValue()));
            if (!right) {
                wrong.add(one.get("id") + " wants " + expected + " " + policy + ", got " + result);
            }
            judged++;
        }
        assertEquals(List.of(), wrong);
        assertTrue(judged > 0);
    }

    private static AuthResults.Result judge(Dns dns, JsonNode one) {
        String message = one.get("message").textValue();
        String head = message.substring(0, message.indexOf("\r\n\r\n") + 2);
        List<AuthResults.Result> before = new ArrayList<>();
        before.add(spf(dns, one));
        Matcher signatures = SIGNATURE.matcher(head);
        while (signatures.find()) {
            before.add(new AuthResults.Result("dkim", "pass", "", List.of("header.d=" + signatures.group(1))));
        }
        FakeTransaction tx = FakeTransaction.at(Stage.DATA)
                .needs(Need.PEER)
                .in(FakeSession.with().peer(one.get("ip").textValue()))
                .from(one.get("mailfrom").textValue())
                .results(new AuthResults(before))
                .headers(FIELD.matcher(head)
                        .results()
                        .map(found -> found.group())
                        .toArray(String[]::new))
                .build();
        Clock clock = Clock.systemUTC();
        new Dmarc(
                        Settings.of(Dmarc.Config.class),
                        dns,
                        new FakeState(clock),
                        new FakeJobs(),
                        new FakeOutbox(),
                        new SimpleMeterRegistry(),
                        clock)
                .onMessage(tx, tx.message());
        return tx.recorded().getFirst();
    }

    private static AuthResults.Result spf(Dns dns, JsonNode one) {
        String sender = one.get("mailfrom").textValue();
        List<String> records = dns.txt(Address.of(sender).domain()).records();
        boolean pass = records.stream()
                .anyMatch(record ->
                        (record + " ").contains(" ip4:" + one.get("ip").textValue() + " "));
        return new AuthResults.Result("spf", pass ? "pass" : "fail", "", List.of("smtp.mailfrom=" + sender));
    }

    /** A zone of a suite: names with records of the form [TYPE, value]. */
    private record Zone(JsonNode names) implements Dns {
        private <T> Answer<T> answer(Status status, List<T> records) {
            return new Answer<>(status, records, false, Duration.ZERO);
        }

        private Status absent(String name) {
            boolean below = false;
            for (var known = names.fieldNames(); known.hasNext(); ) {
                String other = known.next();
                below |= other.equals(name) || other.endsWith("." + name);
            }
            return below ? Status.NO_DATA : Status.NO_NAME;
        }

        private List<JsonNode> of(String name, String type) {
            List<JsonNode> found = new ArrayList<>();
            JsonNode records = names.get(name);
            if (records != null) {
                records.forEach(record -> {
                    if (record.get(0).textValue().equals(type)) {
                        found.add(record.get(1));
                    }
                });
            }
            return found;
        }

        private static InetAddress literal(String text) {
            try {
                return InetAddress.getByName(text);
            } catch (UnknownHostException e) {
                throw new AssertionError(text, e);
            }
        }

        @Override
        public Answer<String> txt(String name) {
            List<String> texts = new ArrayList<>();
            of(name, "TXT").forEach(value -> texts.add(value.textValue()));
            if (!texts.isEmpty()) {
                return answer(Status.FOUND, texts);
            }
            return answer(of(name, "TIMEOUT").isEmpty() ? absent(name) : Status.TEMPORARY, List.of());
        }

        @Override
        public Answer<InetAddress> a(String host) {
            List<InetAddress> addresses = new ArrayList<>();
            of(host, "A").forEach(value -> addresses.add(literal(value.textValue())));
            return addresses.isEmpty() ? answer(absent(host), List.of()) : answer(Status.FOUND, addresses);
        }

        @Override
        public Answer<InetAddress> aaaa(String host) {
            return answer(absent(host), List.of());
        }

        @Override
        public Answer<Mx> mx(String domain) {
            return answer(absent(domain), List.of());
        }

        @Override
        public Answer<String> ptr(InetAddress address) {
            return answer(Status.NO_NAME, List.of());
        }

        @Override
        public Answer<Tlsa> tlsa(String name) {
            return answer(absent(name), List.of());
        }
    }
}
