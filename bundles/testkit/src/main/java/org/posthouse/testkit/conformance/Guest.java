// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.posthouse.testkit.server.Await;

/** A plugin in a framework, with its generations: the same jar with a configuration each, as the server holds them. */
final class Guest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BundleContext context;
    private final Bundle bundle;
    private final Map<String, Configuration> generations = new HashMap<>();
    private final List<ServiceReference<?>> held = new ArrayList<>();

    Guest(BundleContext context, Path jar, String location) throws IOException, BundleException {
        this.context = context;
        try (InputStream octets = Files.newInputStream(jar)) {
            bundle = context.installBundle("conformance:" + location, octets);
        }
    }

    String name() {
        return bundle.getSymbolicName();
    }

    Bundle bundle() {
        return bundle;
    }

    BundleRevision revision() {
        return bundle.adapt(BundleRevision.class);
    }

    /** The components of the plugin; it runs from now on. */
    Collection<ComponentDescriptionDTO> components() throws BundleException {
        bundle.start(Bundle.START_TRANSIENT);
        return service(ServiceComponentRuntime.class).getComponentDescriptionDTOs(bundle);
    }

    private <T> T service(Class<T> type) {
        return Objects.requireNonNull(
                context.getService(Objects.requireNonNull(context.getServiceReference(type), type.getName())));
    }

    /** Lets the plugin serve with this configuration too; the objects by the names of their classes. */
    Map<String, Object> serve(String generation, Map<String, Object> values) throws IOException, BundleException {
        Configuration configuration =
                service(ConfigurationAdmin.class).getFactoryConfiguration(name(), generation, bundle.getLocation());
        configuration.update(FrameworkUtil.asDictionary(values));
        generations.put(generation, configuration);
        Map<String, Object> objects = new HashMap<>();
        for (ComponentDescriptionDTO component : components()) {
            if (component.serviceInterfaces.length > 0) {
                boolean configured = List.of(component.configurationPid).contains(name());
                String pid = configured ? configuration.getPid() : "";
                Await.until(
                        "component " + component.name
                                + " to serve; does it refer to a service that is none of the API?",
                        PATIENCE,
                        () -> find(component.name, pid) != null);
                objects.put(component.implementationClass, hold(component.name, pid));
            }
        }
        return objects;
    }

    private Object hold(String component, String pid) {
        ServiceReference<?> reference = Objects.requireNonNull(find(component, pid));
        held.add(reference);
        return Objects.requireNonNull(
                context.getService(reference), () -> "component " + component + " could not be constructed");
    }

    private @Nullable ServiceReference<?> find(String component, String pid) {
        ServiceReference<?>[] all = bundle.getRegisteredServices();
        return all == null
                ? null
                : Arrays.stream(all)
                        .filter(reference -> component.equals(reference.getProperty("component.name")))
                        .filter(reference -> pid.isEmpty() || has(reference.getProperty(Constants.SERVICE_PID), pid))
                        .findFirst()
                        .orElse(null);
    }

    private static boolean has(@Nullable Object pids, String pid) {
        return switch (pids) {
            case null -> false;
            case String[] many -> List.of(many).contains(pid);
            case Collection<?> many -> many.contains(pid);
            default -> pids.equals(pid);
        };
    }

    /** Ends one generation. */
    void retire(String generation) throws IOException {
        Configuration configuration = Objects.requireNonNull(generations.remove(generation));
        String pid = configuration.getPid();
        held.removeIf(
                reference -> has(reference.getProperty(Constants.SERVICE_PID), pid) && context.ungetService(reference));
        configuration.delete();
    }

    /** Takes the plugin away with all its generations. */
    void leave() throws IOException, BundleException {
        for (String generation : List.copyOf(generations.keySet())) {
            retire(generation);
        }
        held.forEach(context::ungetService);
        held.clear();
        bundle.uninstall();
        Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION))
                .adapt(FrameworkWiring.class)
                .refreshBundles(List.of(bundle));
    }
}
