// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.offers;

import java.nio.file.Path;
import java.util.Map;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;

/** A service registry of Felix. */
final class Registry {
    private final Framework framework;

    Registry(Path folder) throws Exception {
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        "org.osgi.framework.storage", folder.resolve("felix").toString(), "felix.log.level", "1"));
        framework.init();
        framework.start();
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    /** Registers a service. */
    <T> ServiceRegistration<T> offer(Class<T> type, T service) {
        return context().registerService(type, service, null);
    }

    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }
}
