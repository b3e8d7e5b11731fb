// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.posthouse.config.spi.PluginSettings;
import org.posthouse.pipeline.HookSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The yard in an OSGi framework: each jar under a location of its own, each generation by a factory configuration that is
 * bound to that location. Make before break needs {@code org.osgi.framework.bsnversion=multiple}.
 */
final class OsgiYard implements Yard {
    private static final Logger LOG = LoggerFactory.getLogger(OsgiYard.class);
    private static final String LOCATION = "posthouse-plugin:";

    private final BundleContext context;
    private final ConfigurationAdmin configurations;
    private final PluginSettings settings;
    private final Duration patience;
    /** Services that are going; weak, so that nothing of a plugin is kept by having been lost. */
    private final Set<ServiceReference<?>> lost =
            Collections.newSetFromMap(Collections.synchronizedMap(new WeakHashMap<>()));

    /** A bundle with the services that its generations hold. */
    private record Room(PluginJar jar, Bundle bundle, Map<Integer, List<ServiceReference<?>>> held)
            implements Lodging {}

    OsgiYard(BundleContext context, ConfigurationAdmin configurations, PluginSettings settings, Duration patience) {
        this.context = context;
        this.configurations = configurations;
        this.settings = settings;
        this.patience = patience;
    }

    /** Takes away what an earlier run of the framework left. */
    void clear() throws IOException {
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getLocation().startsWith(LOCATION)) {
                uninstall(bundle);
            }
        }
        for (Configuration configuration :
                listed("(" + ConfigurationAdmin.SERVICE_BUNDLELOCATION + "=" + LOCATION + "*)")) {
            configuration.delete();
        }
    }

    private Configuration[] listed(String filter) throws IOException {
        try {
            Configuration[] found = configurations.listConfigurations(filter);
            return found == null ? new Configuration[0] : found;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(filter, e);
        }
    }

    @Override
    public Lodging lodge(PluginJar jar) throws HouseException {
        String location = LOCATION + jar.name() + "@" + jar.shortHash();
        Bundle bundle;
        try {
            bundle = context.installBundle(location, new ByteArrayInputStream(jar.octets()));
        } catch (BundleException | RuntimeException e) {
            throw new HouseException("can not be installed: " + e.getMessage(), e);
        }
        FrameworkWiring wiring = Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION))
                .adapt(FrameworkWiring.class);
        if (!wiring.resolveBundles(List.of(bundle))) {
            String why = whyUnresolved(bundle);
            uninstall(bundle);
            throw new HouseException("can not be resolved: " + why);
        }
        return new Room(jar.lighter(), bundle, new HashMap<>());
    }

    /** Only starting says what is missing. */
    private static String whyUnresolved(Bundle bundle) {
        try {
            bundle.start(Bundle.START_TRANSIENT);
            return "no reason was given";
        } catch (BundleException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public boolean configured(String plugin) {
        return settings.names().contains(plugin);
    }

    @Override
    public PluginSettings.Checked settings(Lodging lodging) {
        return settings.check(lodging.jar().name(), ((Room) lodging).bundle());
    }

    @Override
    public PluginSettings.Checked settings(Lodging lodging, String yaml) {
        return settings.check(lodging.jar().name(), ((Room) lodging).bundle(), yaml);
    }

    @Override
    public Map<HookSpec, Object> serve(Lodging lodging, int number, @Nullable Dictionary<String, Object> values)
            throws HouseException {
        Room room = (Room) lodging;
        long deadline = System.nanoTime() + patience.toNanos();
        LinkedBlockingQueue<Object> signals = new LinkedBlockingQueue<>();
        ServiceListener listener = event -> signals.add(event);
        context.addServiceListener(listener);
        try {
            Bounded.call("start of " + room.jar().name(), patience, () -> {
                if (values != null) {
                    configurations
                            .getFactoryConfiguration(
                                    room.jar().name(),
                                    instance(number),
                                    room.bundle().getLocation())
                            .update(values);
                }
                room.bundle().start(Bundle.START_TRANSIENT);
                return true;
            });
            Map<String, ServiceReference<?>> references = new HashMap<>();
            for (ComponentFile component : room.jar().components()) {
                references.put(
                        component.implementation(), await(room, component, number, values != null, signals, deadline));
            }
            return bind(room, number, references);
        } finally {
            context.removeServiceListener(listener);
        }
    }

    private static String instance(int number) {
        return "g" + number;
    }

    private ServiceReference<?> await(
            Room room,
            ComponentFile component,
            int number,
            boolean configured,
            LinkedBlockingQueue<Object> signals,
            long deadline)
            throws HouseException {
        String pid = configured && component.pids().contains(room.jar().name())
                ? room.jar().name() + "~" + instance(number)
                : "";
        while (true) {
            ServiceReference<?> found = find(room.bundle(), component.name(), pid);
            long left = deadline - System.nanoTime();
            if (found != null) {
                return found;
            }
            try {
                if (left <= 0 || signals.poll(left, TimeUnit.NANOSECONDS) == null) {
                    throw new HouseException("component " + component.name() + " did not come to serve within "
                            + patience.toSeconds() + " s: a service it refers to may be missing");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HouseException("was interrupted while it started", e);
            }
        }
    }

    private static @Nullable ServiceReference<?> find(Bundle bundle, String component, String pid) {
        ServiceReference<?>[] all = bundle.getRegisteredServices();
        if (all == null) {
            return null;
        }
        for (ServiceReference<?> reference : all) {
            if (component.equals(reference.getProperty("component.name"))
                    && (pid.isEmpty() || has(reference.getProperty(Constants.SERVICE_PID), pid))) {
                return reference;
            }
        }
        return null;
    }

    private static boolean has(@Nullable Object pids, String pid) {
        if (pids instanceof String[] many) {
            return List.of(many).contains(pid);
        }
        return pids instanceof Collection<?> many ? many.contains(pid) : pid.equals(pids);
    }

    /** Asks for each service now: DS registers services whose constructor fails, and then gives null. */
    private Map<HookSpec, Object> bind(Room room, int number, Map<String, ServiceReference<?>> references)
            throws HouseException {
        List<ServiceReference<?>> held = new ArrayList<>();
        room.held().put(number, held);
        Map<String, Object> services = new HashMap<>();
        for (Map.Entry<String, ServiceReference<?>> entry : references.entrySet()) {
            String type = entry.getKey();
            HeldService service = new HeldService(context, entry.getValue());
            try {
                services.put(type, Bounded.call("activation of " + type, patience, () -> service.take(type)));
            } catch (HouseException e) {
                quietly("end of " + type, () -> {
                    service.giveUp();
                    return true;
                });
                throw e;
            }
            held.add(entry.getValue());
        }
        Map<HookSpec, Object> hooks = new HashMap<>();
        for (HookSpec spec : room.jar().hooks()) {
            Object service = services.get(room.jar().classes().get(spec.name()));
            if (service == null || !HookTypes.type(spec.stage()).isInstance(service)) {
                throw new HouseException("hook " + spec.name() + " is no "
                        + HookTypes.type(spec.stage()).getSimpleName() + " of this server's API");
            }
            hooks.put(spec, service);
        }
        return hooks;
    }

    @Override
    public boolean stands(Lodging lodging, int number) {
        List<ServiceReference<?>> held = ((Room) lodging).held().get(number);
        return held != null && held.stream().noneMatch(r -> r.getBundle() == null || lost.contains(r));
    }

    @Override
    public void onLoss(Runnable listener) {
        context.addServiceListener(event -> {
            if (event.getType() != ServiceEvent.UNREGISTERING) {
                return;
            }
            Bundle bundle = event.getServiceReference().getBundle();
            if (bundle != null && bundle.getLocation().startsWith(LOCATION)) {
                // Told while the service still stands: remembered, so that whoever looks now knows it is going.
                lost.add(event.getServiceReference());
                listener.run();
            }
        });
    }

    @Override
    public void retire(Lodging lodging, int number) {
        Room room = (Room) lodging;
        List<ServiceReference<?>> held = room.held().remove(number);
        quietly("end of " + room.jar().name(), () -> {
            if (held != null) {
                held.forEach(context::ungetService);
            }
            String pid = room.jar().name() + "~" + instance(number);
            for (Configuration configuration : listed("(" + Constants.SERVICE_PID + "=" + pid + ")")) {
                configuration.delete();
            }
            return true;
        });
    }

    @Override
    public void evict(Lodging lodging) {
        uninstall(((Room) lodging).bundle());
    }

    /** Uninstalls and refreshes that bundle alone, so that its class loader can go; nothing else depends on it. */
    private void uninstall(Bundle bundle) {
        quietly("uninstalling of " + bundle.getSymbolicName(), () -> {
            bundle.uninstall();
            Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION))
                    .adapt(FrameworkWiring.class)
                    .refreshBundles(List.of(bundle));
            return true;
        });
    }

    private void quietly(String what, java.util.concurrent.Callable<Boolean> work) {
        try {
            Bounded.call(what, patience, work);
        } catch (HouseException e) {
            LOG.warn("Plugin: {}", e.getMessage(), e.getCause());
        }
    }
}
