// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
    @TempDir
    Path folder;

    @Test
    void allFindingsComeAtOnceWithLineExpectationAndNearestKey() {
        String yaml = """
                sever: { hostname: mx1.example.org }
                server:
                  hostnam: mx1.example.org
                  hostname: "no name"
                  password: { a: 1 }
                smtp:
                  mx: { profile: mux, message: { maxSize: 25, maxsize: 1MB } }
                  "bad name": { address: "*:25" }
                  relay: on
                  feeder:
                    address: 127.0.0.1:99999
                    timeout: 5 minutes
                    connections: 5001
                    trusted: 127.0.0.0/8
                    weights: [1, two, 3, 4]
                    verify: [yes]
                    message.maxSize: 500B
                queue: 5
                server: {}
                """;
        String expected = """
                posthouse.yaml:19: server: stands twice in this file
                posthouse.yaml:1: sever: unknown key; did you mean server?
                posthouse.yaml:8: smtp.bad name: expected a name of letters, digits, hyphens, dots and underscores
                posthouse.yaml:9: smtp.relay: expected keys and values
                posthouse.yaml:18: queue: expected keys and values
                posthouse.yaml:3: server.hostnam: unknown key; did you mean hostname?
                posthouse.yaml:5: server.password.a: unknown key; did you mean password?
                posthouse.yaml:4: server.hostname: expected a domain name, *.domain or *, not "no name"
                posthouse.yaml:7: smtp.mx.message.maxsize: unknown key; did you mean message.maxSize?
                posthouse.yaml:7: smtp.mx.address: is missing; expected a socket address such as 127.0.0.1:25 or [::1]:25
                posthouse.yaml:7: smtp.mx.profile: expected one of mx, relay, submission-only, not "mux"
                posthouse.yaml:7: smtp.mx.message.maxSize: expected a size such as 64kB, 25MB or 1GiB of at least 1kB, not "25"
                posthouse.yaml:11: smtp.feeder.address: expected a socket address such as 127.0.0.1:25 or [::1]:25, not "127.0.0.1:99999"
                posthouse.yaml:17: smtp.feeder.message.maxSize: expected a size such as 64kB, 25MB or 1GiB of at least 1kB, not "500B"
                posthouse.yaml:12: smtp.feeder.timeout: expected a duration such as 500ms, 30s, 5m, 4h or 5d, not "5 minutes"
                posthouse.yaml:13: smtp.feeder.connections: expected a whole number from 1 to 5000, not "5001"
                posthouse.yaml:14: smtp.feeder.trusted: expected a list such as [a, b], each a network such as 192.0.2.0/24 or a single address
                posthouse.yaml:15: smtp.feeder.weights: expected a whole number, not "two"
                posthouse.yaml:15: smtp.feeder.weights: expected at most 2 values
                posthouse.yaml:16: smtp.feeder.verify: expected true or false, not a list
                """;
        assertEquals(expected, new Fixture(folder).file("posthouse.yaml", yaml).findings());
    }

    @Test
    void listsOfMapsAreRefused() {
        assertEquals(
                "posthouse.yaml:1: smtp: expected a list of plain values\n"
                        + "posthouse.yaml:1: smtp: expected a map of names\n",
                new Fixture(folder).file("posthouse.yaml", "smtp: [{a: 1}]\n").findings());
    }

    @Test
    void secretsAreNotRepeated() {
        String xml = Fixture.METATYPE.replace("id=\".password\" type=\"String\"", "id=\".password\" type=\"Long\"");
        Loaded loaded = Loaded.load(
                new Fixture(folder)
                        .file("posthouse.yaml", "server: {password: hunter2}\n")
                        .request(),
                new Schema(Fixture.metatype(xml)),
                Set.of());
        assertFalse(loaded.findings().isEmpty());
        assertFalse(
                loaded.findings().toString().contains("hunter2"),
                loaded.findings().toString());
    }

    @Test
    void passwordsInUrisAreNotRepeated() {
        String findings = new Fixture(folder)
                .file("posthouse.yaml", "smtp: {mx: {address: 'smtp://user:hunter2@192.0.2.1'}}\n")
                .findings();
        assertTrue(findings.contains("not \"smtp://********@192.0.2.1\""), findings);
        assertFalse(findings.contains("hunter2"), findings);
    }

    @Test
    void aVariableThatNamesItselfIsAFinding() {
        assertEquals(
                "posthouse.yaml:1: server.hostname: an environment variable refers to itself\n",
                new Fixture(folder)
                        .file("posthouse.yaml", "server: {hostname: \"${env:LOOP}\"}\n")
                        .variable("LOOP", "${env:LOOP}")
                        .findings()
                        .lines()
                        .limit(1)
                        .map(line -> line + "\n")
                        .findFirst()
                        .orElse(""));
    }

    @Test
    void aLinkToNowhereIsAFinding() throws IOException {
        Fixture files = new Fixture(folder).file("posthouse.yaml", "server: {}\n");
        Files.createSymbolicLink(folder.resolve("secrets.yaml"), folder.resolve("nowhere"));
        assertTrue(files.findings().contains("secrets.yaml: no such file"), files.findings());
    }

    @Test
    void unknownVariablesAreFindings() {
        Fixture files = new Fixture(folder)
                .file("posthouse.yaml", "queue: {}\n")
                .variable("POSTHOUSE_SERVER_HOSTNAM", "x")
                .variable("POSTHOUSE_SMTP_SERVICE_PORT", "25")
                .variable("POSTHOUSE_PORT_25_TCP_ADDR", "10.0.0.1")
                .variable("POSTHOUSE_SMTP_PORT", "tcp://10.0.0.1:25")
                .variable("POSTHOUSE_HOME", "/opt/posthouse")
                .set("queue.ration", "1");
        assertEquals("""
                POSTHOUSE_SERVER_HOSTNAM: HOSTNAM: unknown key; did you mean HOSTNAME?
                --set queue.ration: ration: unknown key; did you mean ratio?
                """, files.findings());
    }
}
