// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersTest {
    @TempDir
    Path folder;

    private Fixture files() {
        return new Fixture(folder);
    }

    @Test
    void laterFilesWinKeyByKey() {
        Loaded loaded = files().file("default.yaml", "server: {hostname: a.example, dataDir: one}\n")
                .file("posthouse.yaml", "server:\n  hostname: b.example\n")
                .file("local.yaml", "server: {dataDir: three}\n")
                .load();
        Settings server = Fixture.settings(loaded, "server");
        assertEquals("b.example", server.values().get("hostname"));
        assertEquals("three", server.values().get("dataDir"));
        assertEquals(List.of(), loaded.findings());
    }

    @Test
    void everyValueKnowsItsOrigin() {
        Loaded loaded = files().file("posthouse.yaml", "server:\n  hostname: b.example\n")
                .file("secrets.yaml", "# secrets\n\nserver:\n  password: hidden\n")
                .variable("POSTHOUSE_SERVER_DATADIR", "elsewhere")
                .load();
        Map<String, String> origins = new HashMap<>();
        Fixture.settings(loaded, "server").lines().forEach(line -> origins.put(line.key(), line.origin()));
        assertEquals(
                Map.of(
                        "hostname", folder + "/posthouse.yaml:2",
                        "password", folder + "/secrets.yaml:4",
                        "dataDir", "POSTHOUSE_SERVER_DATADIR"),
                origins);
    }

    @Test
    void theEnvironmentsLayerLiesBetweenMainAndLocal() {
        Fixture files = files().file("posthouse.yaml", "queue: {ratio: 1, retry: 1m}\n")
                .file("test.yaml", "queue: {ratio: 2, retry: 2m}\n")
                .file("override.yaml", "queue: {retry: 3m}\n");
        Settings queue = Fixture.settings(Loaded.load(files.request("test"), Fixture.schema(), Set.of()), "queue");
        assertEquals(2.0, queue.values().get("ratio"));
        assertEquals("3m", queue.values().get("retry"));
    }

    @Test
    void aMissingEnvironmentIsAFinding() {
        Fixture files = files().file("posthouse.yaml", "queue: {}\n");
        Loaded loaded = Loaded.load(files.request("prod"), Fixture.schema(), Set.of());
        assertEquals("prod.yaml: no such file\n", files.text(loaded.findings()));
    }

    @Test
    void severalNamedFilesAreTakenAsTheyStand() {
        files().file("a.yaml", "queue: {ratio: 1}\n")
                .file("b.yaml", "queue: {ratio: 2}\n")
                .file("local.yaml", "queue: {ratio: 3}\n");
        Request request = new Request(
                folder,
                List.of(folder.resolve("a.yaml"), folder.resolve("b.yaml")),
                null,
                null,
                Map.of(),
                null,
                Map.of());
        Settings queue = Fixture.settings(Loaded.load(request, Fixture.schema(), Set.of()), "queue");
        assertEquals(2.0, queue.values().get("ratio"));
    }

    @Test
    void listsAreReplacedWholeEvenByAnEmptyOne() {
        Loaded loaded = files().file(
                        "posthouse.yaml", "smtp: {a: {address: '[::1]:25', trusted: [10.0.0.0/8, '::1']}}\n")
                .file("local.yaml", "smtp: {a: {trusted: []}}\n")
                .load();
        assertArrayEquals(new String[0], (String[])
                Fixture.settings(loaded, "smtp~a").values().get("trusted"));
    }

    @Test
    void nullTakesAnEntryAway() {
        Loaded loaded = files().file("posthouse.yaml", "smtp: {a: {address: '*:25'}, b: {address: '*:26'}}\n")
                .file("local.yaml", "smtp: {a: null}\n")
                .load();
        assertEquals(
                List.of("smtp~b"),
                loaded.settings().stream()
                        .map(Settings::fullPid)
                        .filter(pid -> pid.startsWith("smtp"))
                        .toList());
    }

    @Test
    void namedThingsKeepTheOrderOfTheFile() {
        Loaded loaded = files().file("posthouse.yaml", "smtp: {z: {address: '*:25'}, a: {address: '*:26'}}\n")
                .file("local.yaml", "smtp: {m: {address: '*:27'}, a: {verify: no}}\n")
                .load();
        List<String> order = new ArrayList<>();
        loaded.settings().stream()
                .filter(one -> one.pid().equals("smtp"))
                .forEach(one -> order.add(one.name() + one.values().get(".order")));
        assertEquals(List.of("z1", "a2", "m3"), order);
    }

    @Test
    void environmentIsFilledIntoValues() {
        Loaded loaded = files().file(
                        "posthouse.yaml", "server: {hostname: '${env:NAME}.example', dataDir: '${env:DIR:-d}'}\n")
                .variable("NAME", "mx")
                .load();
        assertEquals("mx.example", Fixture.settings(loaded, "server").values().get("hostname"));
        assertEquals("d", Fixture.settings(loaded, "server").values().get("dataDir"));
    }

    @Test
    void anUnsetVariableIsAFinding() {
        assertEquals(
                "posthouse.yaml:1: server.dataDir: the environment variable NOPE is not set\n",
                files().file("posthouse.yaml", "server: {dataDir: '${env:NOPE}'}\n")
                        .findings());
    }

    @Test
    void onlyTheEnvironmentIsLookedUp() {
        Loaded loaded = files().file(
                        "posthouse.yaml", "server: {dataDir: '${sys:user.home}${file:UTF-8:/etc/passwd}'}\n")
                .load();
        assertEquals(
                "${sys:user.home}${file:UTF-8:/etc/passwd}",
                Fixture.settings(loaded, "server").values().get("dataDir"));
    }

    @Test
    void dottedTopLevelKeysAreOneKey() {
        Loaded loaded =
                files().file("posthouse.yaml", "org.example.dotted: {x: 7}\n").load();
        assertEquals(7L, Fixture.settings(loaded, "org.example.dotted").values().get("x"));
    }

    @Test
    void halfWrittenYamlIsAFindingWithItsLine() {
        String findings = files().file("posthouse.yaml", "server:\n  hostname: [a\nqueue: {\n")
                .findings();
        assertTrue(findings.startsWith("posthouse.yaml:3: not YAML: "), findings);
    }

    @Test
    void anEmptyMainFileIsAFinding() {
        assertEquals(
                "posthouse.yaml: the file is empty\n",
                files().file("posthouse.yaml", "# nothing\n").findings());
    }

    @Test
    void anchorsThatContainThemselvesEnd() {
        String findings = files().file("posthouse.yaml", "server: &a {x: *a}\n").findings();
        assertTrue(findings.contains("nested too deeply"), findings);
    }
}
