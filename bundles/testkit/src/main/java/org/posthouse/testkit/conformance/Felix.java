// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** A framework with declarative services in this JVM, which gives plugins the API of the class path and nothing else of it. */
final class Felix implements AutoCloseable {
    private static final List<String> GIVEN = List.of(
            "org.posthouse.api",
            "slf4j.api",
            "micrometer-core",
            "micrometer-commons",
            "micrometer-observation",
            "org.osgi.service.component",
            "org.osgi.util.promise",
            "org.osgi.util.function");
    private static final List<String> STARTED = List.of("org.apache.felix.configadmin", "org.apache.felix.scr");

    private final Framework framework;

    Felix(Path storage) throws IOException, BundleException {
        Map<String, Manifest> jars = new HashMap<>();
        Map<String, URL> places = new HashMap<>();
        for (URL url : Collections.list(Felix.class.getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
            try (InputStream in = url.openStream()) {
                Manifest manifest = new Manifest(in);
                String name = manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
                if (name != null) {
                    jars.putIfAbsent(name.split(";")[0].strip(), manifest);
                    places.putIfAbsent(name.split(";")[0].strip(), url);
                }
            }
        }
        StringBuilder packages = new StringBuilder("org.osgi.service.cm;version=1.6.1");
        for (String name : GIVEN) {
            Attributes headers = named(jars, name).getMainAttributes();
            packages.append(',').append(headers.getValue(Constants.EXPORT_PACKAGE));
        }
        framework = ServiceLoader.load(FrameworkFactory.class, Felix.class.getClassLoader())
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        storage.toString(),
                        Constants.FRAMEWORK_BSNVERSION,
                        Constants.FRAMEWORK_BSNVERSION_MULTIPLE,
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        packages.toString()));
        framework.start();
        for (String name : STARTED) {
            String file = ((JarURLConnection) named(places, name).openConnection())
                    .getJarFileURL()
                    .toString();
            Bundle bundle = framework.getBundleContext().installBundle(file);
            bundle.start();
        }
    }

    private static <T> T named(Map<String, T> all, String name) {
        return Objects.requireNonNull(all.get(name), () -> name + " is not on the class path of the test");
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    @Override
    public void close() throws BundleException {
        framework.stop();
        try {
            framework.waitForStop(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
