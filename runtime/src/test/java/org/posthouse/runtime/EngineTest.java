// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final List<Feature.Entry> bundles = new ArrayList<>();
    private final List<Engine> engines = new ArrayList<>();

    @AfterEach
    void stopAll() throws InterruptedException {
        for (Engine engine : engines) {
            engine.stop(LIMIT);
        }
    }

    @Test
    void startsAndStopsEveryBundle() throws Exception {
        bundle("provider", Map.of("Export-Package", "a.b;version=1.2"), false);
        bundle("user", Map.of("Import-Package", "a.b;version=\"[1,2)\""), false);
        Engine engine = engine();
        start(engine);
        assertEquals(List.of(), engine.stop(LIMIT));
        engine.await();
    }

    @Test
    void startsAgainFromTheFeaturesAlone() throws Exception {
        bundle("one", Map.of(), false);
        Engine first = engine();
        start(first);
        first.stop(LIMIT);
        bundle("two", Map.of(), false);
        Engine second = engine();
        start(second);
        assertEquals(List.of(), second.stop(LIMIT));
    }

    @Test
    void namesTheRequirementThatIsMissing() throws IOException {
        bundle("user", Map.of("Import-Package", "a.b;version=\"[1,2)\""), false);
        StartException failure = assertThrows(StartException.class, () -> start(engine()));
        assertEquals(
                "user 1.0.0 does not start: it needs the package a.b in version 1.0.0 or later, below 2.0.0,"
                        + " which no installed bundle offers.",
                failure.getMessage());
    }

    @Test
    void namesTheVersionThatIsThereInstead() throws IOException {
        bundle("provider", Map.of("Export-Package", "a.b;version=3.1"), false);
        bundle("user", Map.of("Import-Package", "a.b;version=\"[1,2)\""), false);
        StartException failure = assertThrows(StartException.class, () -> start(engine()));
        assertTrue(failure.getMessage().contains("provider 1.0.0 offers version 3.1.0"), failure.getMessage());
    }

    @Test
    void tellsWhatABundleThrew() throws IOException {
        bundle(
                "broken",
                Map.of("Bundle-Activator", ThrowingActivator.class.getName(), "Import-Package", "org.osgi.framework"),
                true);
        StartException failure = assertThrows(StartException.class, () -> start(engine()));
        assertTrue(failure.getMessage().startsWith("broken 1.0.0 does not start: "), failure.getMessage());
        assertTrue(failure.getMessage().endsWith("port 25 is taken"), failure.getMessage());
    }

    @Test
    void namesTheJarThatIsMissing() {
        bundles.add(new Feature.Entry("test:absent:1.0.0", 1));
        StartException failure = assertThrows(StartException.class, () -> start(engine()));
        assertTrue(failure.getMessage().contains("test:absent:1.0.0"), failure.getMessage());
    }

    private static void start(Engine engine) throws InterruptedException {
        engine.install();
        engine.start();
    }

    private Engine engine() {
        Feature feature = new Feature("test:feature:1", bundles, Map.of(), null);
        Engine engine = Engine.of(new Home(folder), folder.resolve("data"), List.of(feature), Map.of());
        engines.add(engine);
        return engine;
    }

    private void bundle(String name, Map<String, String> headers, boolean withActivator) throws IOException {
        String id = "test:" + name + ":1.0.0";
        Path jar = new Home(folder).artifact(id);
        Files.createDirectories(jar.getParent());
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue("Bundle-Version", "1.0.0");
        headers.forEach(main::putValue);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream content = new JarOutputStream(file, manifest)) {
            if (withActivator) {
                copyActivator(content);
            }
        }
        bundles.add(new Feature.Entry(id, 1));
    }

    private static void copyActivator(JarOutputStream content) throws IOException {
        String path = ThrowingActivator.class.getName().replace('.', '/') + ".class";
        content.putNextEntry(new JarEntry(path));
        try (InputStream code = EngineTest.class.getClassLoader().getResourceAsStream(path)) {
            assertTrue(code != null, path);
            code.transferTo(content);
        }
    }
}
