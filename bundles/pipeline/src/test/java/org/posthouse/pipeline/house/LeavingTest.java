// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.wiring.BundleWiring;
import org.posthouse.pipeline.spi.Plugins.PluginException;

/** Nothing holds the class loader of a version that left, however it left. */
@Timeout(300)
final class LeavingTest {
    @TempDir
    private Path dir;

    private TestHouse house;
    private final List<WeakReference<ClassLoader>> loaders = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        house = new TestHouse(dir);
        house.settings.set("tp", "one");
        house.framework.context().addBundleListener((SynchronousBundleListener) this::remember);
        TestJar.write(house.jar, "tp", "1.0.0");
        house.open();
    }

    @AfterEach
    void stop() throws Exception {
        house.close();
    }

    /** Every plugin's bundle that is resolved has a class loader, also one that never comes to serve. */
    private void remember(BundleEvent event) {
        boolean plugin = event.getBundle().getLocation().startsWith("posthouse-plugin:");
        if (plugin && event.getType() == BundleEvent.RESOLVED) {
            loaders.add(new WeakReference<>(
                    event.getBundle().adapt(BundleWiring.class).getClassLoader()));
        }
    }

    /** Waits until, of so many that came, only the one that is installed is left. */
    private void awaitCollected(int came) {
        assertEquals(came, loaders.size());
        TestHouse.await(() -> {
            System.gc();
            Set<ClassLoader> standing = house.bundles().stream()
                    .map(bundle -> bundle.adapt(BundleWiring.class))
                    .filter(Objects::nonNull) // One may leave between the two looks.
                    .map(BundleWiring::getClassLoader)
                    .collect(Collectors.toSet());
            return standing.size() == 1
                    && loaders.stream()
                            .map(WeakReference::get)
                            .allMatch(loader -> loader == null || standing.contains(loader));
        });
    }

    private void share(int percent) throws Exception {
        house.framework
                .configurations()
                .getFactoryConfiguration("hooks", "tp", "?")
                .update(FrameworkUtil.asDictionary(Map.of("share", percent)));
    }

    private void judge() {
        for (int i = 0; i < 50; i++) {
            house.mail("session-" + i);
        }
    }

    @Test
    void ofACanaryThatWasRolledBack() throws Exception {
        share(50);
        house.drop("2.0.0");
        judge();
        house.plugins().rollback("tp");
        judge();
        awaitCollected(2);
    }

    @Test
    void ofTheVersionBeforeACanaryThatWasPromoted() throws Exception {
        share(50);
        house.drop("2.0.0");
        judge();
        share(100);
        TestHouse.await(() -> house.told("promoted"));
        judge();
        awaitCollected(2);
    }

    @Test
    void ofAVersionThatWasRolledBackByItself() throws Exception {
        house.drop("9.0.0");
        TestHouse.await(() -> {
            house.mail();
            return house.told("rolled back");
        });
        judge();
        awaitCollected(3);
    }

    @Test
    void ofAVersionThatNeverCameToServe() throws Exception {
        Path given = dir.resolve("given/some.jar");
        house.settings.set("tp", "throw");
        TestHouse.await(() -> house.told("refused"));
        TestJar.write(given, "tp", "2.0.0");
        assertThrows(PluginException.class, () -> house.plugins().install(given));
        house.settings.set("tp", "bad");
        assertThrows(PluginException.class, () -> house.plugins().install(given));
        judge();
        awaitCollected(3);
    }
}
