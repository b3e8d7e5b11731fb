// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Header;
import org.posthouse.mailauth.dkim.Check;
import org.posthouse.mailauth.dkim.Verifier;
import org.posthouse.mailauth.message.Author;
import org.posthouse.mailauth.message.MessageReader;
import org.posthouse.testkit.service.FakeDns;

/** Cases that nobody here wrote; skipped, and saying so, where they are not at hand. */
final class SuitesTest {
    private static final Path SUITES = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"))
            .toAbsolutePath()
            .normalize();
    private static final Verifier.Rules RULES = new Verifier.Rules(5, 1024, true, Duration.ofSeconds(8));

    private static JsonNode suite(String name) throws IOException {
        Path file = SUITES.resolve("open").resolve(name + ".json");
        assumeTrue(Files.isRegularFile(file), "no suite at " + file);
        return new JsonMapper().readTree(file.toFile());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dkim_verify", "dkim_generated"})
    void signaturesAreWhatTheSuiteSays(String name) throws IOException {
        JsonNode suite = suite(name);
        List<String> wrong = new ArrayList<>();
        for (JsonNode one : suite.get("cases")) {
            FakeDns dns = dns(suite.get("zones").get(one.get("zone").asText()));
            byte[] message = one.get("message").asText().getBytes(StandardCharsets.ISO_8859_1);
            List<Check> checks;
            try (MessageReader reader = new MessageReader(new ByteArrayInputStream(message))) {
                checks = new Verifier(dns, Clock.systemUTC(), RULES).verify(reader);
            }
            List<String> results = checks.isEmpty()
                    ? List.of("none")
                    : checks.stream().map(check -> check.result().word()).toList();
            List<String> expected = new ArrayList<>();
            one.get("expect").get("dkim").forEach(e -> expected.add(e.asText()));
            if (!asExpected(results, expected)) {
                wrong.add(one.get("id").asText() + ": wanted " + expected + ", got " + checks);
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static boolean asExpected(List<String> results, List<String> expected) {
        return switch (expected.getFirst()) {
            case "!pass" -> !results.contains("pass");
            case "pass" -> results.contains("pass");
            default -> expected.contains(results.getFirst());
        };
    }

    private static FakeDns dns(JsonNode zone) {
        FakeDns dns = new FakeDns();
        zone.properties().forEach(name -> {
            for (JsonNode record : name.getValue()) {
                switch (record.get(0).asText()) {
                    case "TXT" -> dns.txt(name.getKey(), joined(record));
                    case "TIMEOUT", "SERVFAIL" -> dns.servfail(name.getKey());
                    default -> {}
                }
            }
        });
        return dns;
    }

    /** A text, or the strings that it consists of. */
    private static String joined(JsonNode record) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < record.size(); i++) {
            if (record.get(i).isArray()) {
                record.get(i).forEach(part -> text.append(part.asText()));
            } else {
                text.append(record.get(i).asText());
            }
        }
        return text.toString();
    }

    @Test
    void authorsAreWhatTheSuiteSays() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (JsonNode one : suite("from_domain_unit").get("cases")) {
            Header field = new Header("From", "From: " + one.get("raw").asText() + "\r\n");
            List<String> domains = Author.of(List.of(field)).domains();
            if (domains.isEmpty()
                    || !domains.getFirst().equals(one.get("domain").asText())) {
                wrong.add(one + ": got " + domains);
            }
        }
        assertEquals(List.of(), wrong);
    }
}
