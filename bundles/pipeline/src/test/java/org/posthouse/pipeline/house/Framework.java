// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.cm.ConfigurationAdmin;

/** A Felix with declarative services, in this JVM, for a test. */
final class Framework {
    private final org.osgi.framework.launch.Framework felix;

    Framework(Path storage) throws Exception {
        felix = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        storage.toString(),
                        Constants.FRAMEWORK_STORAGE_CLEAN,
                        Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT,
                        Constants.FRAMEWORK_BSNVERSION,
                        Constants.FRAMEWORK_BSNVERSION_MULTIPLE,
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        "org.posthouse.api;version=1.0,org.posthouse.api.hook;version=1.0,"
                                + "org.posthouse.api.operator;version=1.0,"
                                + "org.osgi.service.cm;version=1.6.1"));
        felix.start();
        for (String name : new String[] {
            "org.osgi.util.function",
            "org.osgi.util.promise",
            "org.osgi.service.component",
            "org.apache.felix.configadmin",
            "org.apache.felix.scr"
        }) {
            Bundle bundle = felix.getBundleContext().installBundle("file:" + jar(name));
            bundle.start();
        }
    }

    BundleContext context() {
        return felix.getBundleContext();
    }

    ConfigurationAdmin configurations() {
        BundleContext context = context();
        return context.getService(context.getServiceReference(ConfigurationAdmin.class));
    }

    /** The jar on the class path with this symbolic name. */
    private static String jar(String name) throws IOException {
        for (URL url : Collections.list(Framework.class.getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
            try (InputStream in = url.openStream()) {
                String symbolic = new Manifest(in).getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
                if (symbolic != null && symbolic.split(";")[0].equals(name)) {
                    return ((JarURLConnection) url.openConnection())
                            .getJarFileURL()
                            .getPath();
                }
            }
        }
        throw new IOException(name + " is not on the class path of the test");
    }

    void close() throws BundleException, InterruptedException {
        felix.stop();
        felix.waitForStop(10_000);
    }
}
