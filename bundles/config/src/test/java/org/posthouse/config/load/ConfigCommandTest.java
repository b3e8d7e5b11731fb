// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    private static final String PLUGIN =
            "<MetaData><OCD id='C' name='C'><AD id='domains' type='String' cardinality='9' default=''/></OCD>"
                    + "<Designate pid='block-sender'><Object ocdref='C'/></Designate></MetaData>";

    @TempDir
    Path folder;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @BeforeEach
    void install() throws IOException {
        jar(folder.resolve("repository/org/engine.jar"), "org.posthouse.engine", "x", Fixture.METATYPE);
        jar(
                folder.resolve("plugins/block-sender-1.0.jar"),
                "block-sender;singleton:=true",
                "org.posthouse.hook;name=block-sender",
                PLUGIN);
    }

    @Test
    void goodConfigurationIsZero() {
        Fixture files = new Fixture(folder).file("posthouse.yaml", "queue: {ratio: 2}\n");
        assertEquals(0, ConfigCommand.check(files.request(), out));
        assertEquals("", printed());
        assertEquals(0, ConfigCommand.checkAll(files.request(), out));
        assertEquals("The configuration is good.\n", printed());
    }

    @Test
    void refusedConfigurationIs78() {
        Fixture files = new Fixture(folder).file("posthouse.yaml", "queue: {ratios: 2}\n");
        assertEquals(78, ConfigCommand.check(files.request(), out));
        assertEquals("posthouse.yaml:1: queue.ratios: unknown key; did you mean ratio?\n", printed());
    }

    @Test
    void aPluginsFileStopsTheOperatorsCheckButNoStart() {
        Fixture files = new Fixture(folder)
                .file("posthouse.yaml", "queue: {}\n")
                .file("plugins/block-sender.yaml", "domain: [x]\n");
        String line = "plugins/block-sender.yaml:1: block-sender.domain: unknown key; did you mean domains?\n";
        assertEquals(0, ConfigCommand.check(files.request(), out));
        assertEquals(line, printed());
        assertEquals(78, ConfigCommand.checkAll(files.request(), out));
        assertEquals(line + line, printed());
    }

    @Test
    void showsEffectiveValuesWithOriginAndMasksSecrets() {
        Fixture files = new Fixture(folder)
                .file("posthouse.yaml", "server: {password: hunter2}\nsmtp:\n  mx:\n    address: '*:25'\n")
                .file("plugins/block-sender.yaml", "domains: [a.example]\n");
        assertEquals(0, ConfigCommand.show(files.request(), true, out));
        assertEquals("""
                org.example.dotted:
                  x: 1  # default
                queue:
                  retry: "1m,5m*2,1h"  # default
                  ratio: 0.5  # default
                server:
                  hostname: ""  # default
                  dataDir: data  # default
                  password: "********"  # posthouse.yaml:1
                smtp:
                  mx:
                    address: "*:25"  # posthouse.yaml:4
                    profile: mx  # default
                    message.maxSize: 25MB  # default
                    timeout: 5m  # default
                    connections: 100  # default
                    trusted: []  # default
                    weights: [1, 2]  # default
                    extensions: ["A,B", C]  # default
                    verify: true  # default
                # plugins/block-sender.yaml
                domains: [a.example]  # plugins/block-sender.yaml:1
                """, printed());
    }

    @Test
    void findsTheDataFolder() {
        Fixture files = new Fixture(folder).file("posthouse.yaml", "server: {dataDir: /srv/mail}\n");
        Request plain = files.request(null);
        assertEquals(Path.of("/srv/mail"), ConfigCommand.dataDir(plain));
        assertEquals(folder.resolve("data"), ConfigCommand.dataDir(files.request()));
        files.file("posthouse.yaml", "queue: {}\n");
        assertEquals(Path.of("data").toAbsolutePath(), ConfigCommand.dataDir(plain));
    }

    @Test
    void findsTheShutdownTimeout() {
        Fixture files = new Fixture(folder).file("posthouse.yaml", "server: {shutdownTimeout: 45s}\n");
        assertEquals(Duration.ofSeconds(45), ConfigCommand.shutdownTimeout(files.request()));
        files.file("posthouse.yaml", "queue: {}\n");
        assertEquals(Duration.ofSeconds(30), ConfigCommand.shutdownTimeout(files.request()));
        files.variable("POSTHOUSE_SERVER_SHUTDOWNTIMEOUT", "1m");
        assertEquals(Duration.ofMinutes(1), ConfigCommand.shutdownTimeout(files.request()));
    }

    @Test
    void theRequestSurvivesTheFrameworkProperties() {
        Request request = new Request(
                folder,
                List.of(Path.of("a.yaml"), Path.of("b.yaml")),
                Path.of("c"),
                "test",
                Map.of("a.b", "c=d", "e", ""),
                folder.resolve("d"),
                Map.of("X", "1"));
        assertEquals(request, Request.fromProperties(request.toProperties()::get, Map.of("X", "1")));
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replace(folder + "/", "");
    }

    private static void jar(Path file, String name, String capability, String metatype) throws IOException {
        Files.createDirectories(file.getParent());
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", name);
        manifest.getMainAttributes().putValue("Provide-Capability", capability);
        try (OutputStream stream = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(stream, manifest)) {
            jar.putNextEntry(new ZipEntry("OSGI-INF/metatype/C.xml"));
            jar.write(metatype.getBytes(StandardCharsets.UTF_8));
        }
    }
}
