// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.posthouse.api.Header;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.BodyHashes;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.keys.PrivateKeys;
import org.posthouse.mailauth.message.MessageReader;
import org.posthouse.testkit.service.FakeDns;

/** The suites of those who made ARC; skipped, and saying so, where they are not at hand. */
final class ArcSuiteTest {
    private static final Path OPEN = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"), "open")
            .toAbsolutePath()
            .normalize();

    /** The sealer of the suite does not fold signatures. */
    private static final int ONE_LINE = 1000;

    private static JsonNode suite(String name) throws IOException {
        Path file = OPEN.resolve(name + ".json");
        assumeTrue(Files.exists(file), "no suite at " + file);
        return new ObjectMapper().readTree(file.toFile());
    }

    private static Stream<JsonNode> each(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static FakeDns dns(JsonNode zone) {
        FakeDns dns = new FakeDns();
        zone.properties()
                .forEach(name -> each(name.getValue())
                        .filter(record -> record.get(0).asText().equals("TXT"))
                        .forEach(record -> dns.txt(name.getKey(), text(record.get(1)))));
        return dns;
    }

    private static String text(JsonNode strings) {
        return strings.isArray()
                ? String.join("", each(strings).map(JsonNode::asText).toList())
                : strings.asText();
    }

    @TestFactory
    Stream<DynamicTest> validates() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : List.of("arc_verify", "arc_verify_extra")) {
            JsonNode suite = suite(name);
            each(suite.get("cases"))
                    .forEach(it -> tests.add(
                            DynamicTest.dynamicTest(it.get("id").asText(), () -> validates(suite.get("zones"), it))));
        }
        return tests.stream();
    }

    private static void validates(JsonNode zones, JsonNode it) {
        FakeDns dns = dns(zones.get(it.get("zone").asText()));
        ChainResult result = new Mail(it.get("message").asText()).validated(dns);
        List<String> wanted =
                each(it.get("expect").get("arc")).map(JsonNode::asText).toList();
        assertTrue(wanted.contains(result.status().word()), () -> result + " instead of " + wanted);
    }

    @TestFactory
    Stream<DynamicTest> seals() throws IOException {
        return each(suite("arc_sign_unit").get("cases"))
                .map(it -> DynamicTest.dynamicTest(it.get("id").asText(), () -> seals(it)));
    }

    private static void seals(JsonNode it) throws Exception {
        FakeDns dns = new FakeDns();
        it.get("txt_records")
                .properties()
                .forEach(name -> dns.txt(name.getKey(), name.getValue().asText()));
        String message = it.get("message").asText().replaceAll("\r?\n", "\r\n");
        ChainResult chain = new Mail(message).validated(dns);
        SigningKey key = new SigningKey(
                it.get("domain").asText(),
                it.get("selector").asText(),
                Algorithm.RSA_SHA256,
                PrivateKeys.read(it.get("privatekey").asText()));
        BodyHashes bodies = new BodyHashes(List.of(Sealer.BODY));
        try (MessageReader reader = Mail.reader(message)) {
            reader.body(bodies);
            bodies.end();
            List<Header> fields = reader.fields();
            ArcSet set = new Sealer(key, ONE_LINE)
                    .seal(
                            chain.status() == ChainResult.Status.PASS
                                    ? Chain.of(fields).sets()
                                    : List.of(),
                            Chain.highest(fields) + 1,
                            chain.status().word(),
                            results(fields, it.get("srv-id").asText()),
                            Arrays.asList(it.get("sig-headers").asText().split(":")),
                            new SignedFields(fields),
                            bodies.hash(Sealer.BODY).orElseThrow(),
                            Instant.ofEpochSecond(it.get("t").asLong()));
            assertEquals(compact(it.get("AAR").asText()), compact(ArcSet.value(set.results())));
            assertEquals(compact(it.get("AMS").asText()), compact(ArcSet.value(set.signature())));
            assertEquals(compact(it.get("AS").asText()), compact(ArcSet.value(set.seal())));
        }
    }

    /** What the server would have written as one field. */
    private static String results(List<Header> fields, String server) {
        List<String> parts = new ArrayList<>(List.of(server));
        for (Header field : fields) {
            String value = field.is("Authentication-Results") ? field.value() : "";
            if (value.startsWith(server + ";")) {
                parts.add(value.substring(server.length() + 1).strip());
            }
        }
        return String.join("; ", parts);
    }

    private static String compact(String text) {
        return text.replaceAll("\\s+", "");
    }
}
