// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.api.service.Dns;

/**
 * The public suites without SMTP between: also the cases that no server takes as commands, and the explanations. Skipped
 * where they are not at hand.
 */
final class SpfSuiteTest {
    private static final Path OPEN = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"))
            .resolve("open")
            .toAbsolutePath()
            .normalize();

    @ParameterizedTest
    @ValueSource(strings = {"spf_rfc7208", "spf_mailauth", "spf_rspamd"})
    void judgesAsTheSuiteSays(String suite) throws IOException {
        Path file = OPEN.resolve(suite + ".json");
        assumeTrue(Files.exists(file), "no suite " + file);
        JsonNode all = new JsonMapper().readTree(Files.readAllBytes(file));
        List<String> wrong = new ArrayList<>();
        int judged = 0;
        for (JsonNode one : all.get("cases")) {
            Judgement judgement =
                    judge(new Zone(all.get("zones").get(one.get("zone").textValue())), one);
            List<String> expected = texts(one.get("expect").get("spf"));
            JsonNode explanation = one.get("explanation");
            boolean right = expected.contains(judgement.result().word())
                    && (explanation == null || explained(explanation.textValue(), judgement.explanation()));
            if (!right) {
                wrong.add(one.get("id") + " wants " + expected + " " + explanation + ", got " + judgement);
            }
            judged++;
        }
        assertEquals(List.of(), wrong);
        assertTrue(judged > 0);
    }

    /** DEFAULT is what a receiver says where the domain does not; digits of addresses may be large or small. */
    private static boolean explained(String expected, String explanation) {
        return expected.equals("DEFAULT") ? explanation.isEmpty() : explanation.equalsIgnoreCase(expected);
    }

    private static Judgement judge(Dns dns, JsonNode one) {
        String helo = one.get("helo").textValue();
        Client client = new Client(CheckHostTest.address(one.get("ip").textValue()), helo, "receiver.test");
        Identity identity = Identity.of(Address.of(one.get("mailfrom").textValue()), helo);
        Questions questions = new Questions(
                System::nanoTime, System.nanoTime() + Duration.ofMinutes(1).toNanos(), 2);
        return new CheckHost(dns, client, identity, questions, InstantSource.system()).run(true);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.textValue()));
        return texts;
    }

    /** A zone of a suite: names with records of the form [TYPE, value]. */
    private record Zone(JsonNode names) implements Dns {
        @Override
        public Answer<Mx> mx(String domain) {
            return answer(
                    domain, "MX", v -> new Mx(v.get(0).intValue(), bare(v.get(1).textValue())), 0);
        }

        @Override
        public Answer<InetAddress> a(String host) {
            return answer(host, "A", v -> CheckHostTest.address(v.textValue()), 0);
        }

        @Override
        public Answer<InetAddress> aaaa(String host) {
            return answer(host, "AAAA", v -> CheckHostTest.address(v.textValue()), 0);
        }

        @Override
        public Answer<String> txt(String name) {
            return answer(name, "TXT", Zone::joined, 0);
        }

        @Override
        public Answer<String> ptr(InetAddress address) {
            String[] parts = Addresses.dotted(address).split("\\.");
            StringBuilder name = new StringBuilder();
            for (int i = parts.length - 1; i >= 0; i--) {
                name.append(parts[i]).append('.');
            }
            return answer(name + Addresses.reverse(address) + ".arpa", "PTR", v -> bare(v.textValue()), 0);
        }

        @Override
        public Answer<Tlsa> tlsa(String name) {
            throw new AssertionError("SPF asks for no TLSA");
        }

        private static String bare(String name) {
            return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        }

        /** Octets, as the resolver gives them. */
        private static String joined(JsonNode value) {
            String text = value.isArray() ? String.join("", texts(value)) : value.textValue();
            return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        }

        private <T> Answer<T> answer(String name, String type, Function<JsonNode, T> reader, int aliases) {
            JsonNode records = records(bare(name).toLowerCase(Locale.ROOT));
            List<T> found = new ArrayList<>();
            JsonNode alias = null;
            boolean silent = records == null && name.startsWith("error.");
            for (JsonNode record : records == null ? List.<JsonNode>of() : records) {
                String kind = record.get(0).textValue();
                if (kind.equals(type) && record.size() > 1) {
                    found.add(reader.apply(record.get(1)));
                } else if (kind.equals("CNAME")) {
                    alias = record.get(1);
                }
                silent |= kind.equals("SERVFAIL")
                        || kind.equals("TIMEOUT")
                                && (record.size() == 1
                                        || record.get(1).textValue().equals(type));
            }
            if (found.isEmpty() && (silent || aliases > 10)) {
                return new Answer<>(Status.TEMPORARY, List.of(), false, Duration.ZERO);
            }
            if (found.isEmpty() && alias != null) {
                return answer(alias.textValue(), type, reader, aliases + 1);
            }
            Status status = !found.isEmpty() ? Status.FOUND : records == null ? Status.NO_NAME : Status.NO_DATA;
            return new Answer<>(status, found, false, Duration.ZERO);
        }

        private JsonNode records(String name) {
            for (var field : names.properties()) {
                if (bare(field.getKey()).toLowerCase(Locale.ROOT).equals(name)) {
                    return field.getValue();
                }
            }
            return null;
        }
    }
}
