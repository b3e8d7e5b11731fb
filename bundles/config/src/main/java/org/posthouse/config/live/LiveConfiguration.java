// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.BundleListener;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.posthouse.config.load.ConfigCommand;
import org.posthouse.config.load.Finding;
import org.posthouse.config.load.Jars;
import org.posthouse.config.load.Layers;
import org.posthouse.config.load.Loaded;
import org.posthouse.config.load.Ocd;
import org.posthouse.config.load.Request;
import org.posthouse.config.load.Schema;
import org.posthouse.config.spi.LaunchProperties;
import org.posthouse.config.spi.PluginSettings;
import org.posthouse.config.spi.Reload;
import org.posthouse.config.spi.ReloadListener;
import org.posthouse.config.spi.SharedFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The configuration of the running server: applied at start, and again whenever a file or a bundle changes. */
@Component(
        immediate = true,
        service = {Reload.class, PluginSettings.class})
public final class LiveConfiguration implements Reload, PluginSettings, BundleListener {
    private static final Logger LOG = LoggerFactory.getLogger(LiveConfiguration.class);
    private static final Duration SERVE_LIMIT = Duration.ofSeconds(10);

    private final BundleContext context;
    private final Request request;
    private final Reloader reloader;
    private final PluginFiles plugins;
    private final ServiceRegistration<SharedFiles> shared;
    private final Watch watch = new Watch();
    private final List<ReloadListener> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("posthouse-config").unstarted(task));
    private volatile List<Path> watched;
    private volatile boolean bundlesChanged;

    @Activate
    public LiveConfiguration(
            BundleContext context, @Reference ConfigurationAdmin admin, @Reference ServiceComponentRuntime runtime)
            throws IOException {
        this.context = context;
        this.request = Request.fromProperties(context::getProperty, System.getenv());
        Loaded first = load();
        this.watched = first.tree().watched();
        watch.accept(watched);
        refuse(first);
        Publisher publisher = new Publisher(admin);
        publisher.apply(OrderBook.place(first.settings(), publisher.places()), new ArrayList<>());
        this.plugins = new PluginFiles(first);
        this.reloader =
                new Reloader(this::load, publisher, new Serving(context, runtime, SERVE_LIMIT), plugins::update);
        context.addBundleListener(this);
        SharedFiles folder = new SharedFolder(request, surroundings(), thread, InstantSource.system());
        this.shared = context.registerService(SharedFiles.class, folder, null);
        thread.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    @Deactivate
    void stop() {
        shared.unregister();
        context.removeBundleListener(this);
        thread.shutdownNow();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addListener(ReloadListener listener) {
        listeners.add(listener);
    }

    void removeListener(ReloadListener listener) {
        listeners.remove(listener);
    }

    @Override
    public List<String> reload() {
        try {
            return thread.submit(() -> reload(true)).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of("interrupted while the configuration was reloaded");
        } catch (RejectedExecutionException e) {
            return List.of("the server is stopping");
        } catch (ExecutionException e) {
            LOG.error("the reload failed", e.getCause());
            return List.of("the reload failed: " + e.getCause());
        }
    }

    @Override
    public Set<String> names() {
        return plugins.names();
    }

    @Override
    public Checked check(String plugin, Bundle bundle) {
        return plugins.check(plugin, bundle);
    }

    @Override
    public Checked check(String plugin, Bundle bundle, String yaml) {
        return plugins.check(plugin, bundle, yaml);
    }

    @Override
    public AutoCloseable onChange(Listener listener) {
        return plugins.onChange(listener);
    }

    /** A bundle that comes later may declare keys that were unknown so far. */
    @Override
    public void bundleChanged(BundleEvent event) {
        int changes = BundleEvent.INSTALLED | BundleEvent.UPDATED;
        if ((event.getType() & changes) != 0 && BundleSchema.relevant(event.getBundle())) {
            bundlesChanged = true;
        }
    }

    private void look() {
        try {
            boolean filesChanged = watch.changed(watched);
            if (filesChanged || bundlesChanged) {
                bundlesChanged = false;
                reload(filesChanged);
            }
        } catch (RuntimeException | LinkageError e) {
            // What leaves this method would end the looking for ever; a listener's classes may be gone.
            LOG.error("the reload failed", e);
        }
    }

    private List<String> reload(boolean asked) {
        ReloadListener.Result result = reloader.reload();
        if (!asked && result.applied() && result.changed().isEmpty()) {
            return List.of();
        }
        if (result.applied()) {
            LOG.info("the configuration was reloaded; changed: {}", result.changed());
        } else {
            result.findings().forEach(finding -> LOG.error("configuration refused: {}", finding));
        }
        for (ReloadListener listener : listeners) {
            listener.reloaded(result);
        }
        return result.findings();
    }

    private SharedFolder.Surroundings surroundings() {
        return new SharedFolder.Surroundings() {
            @Override
            public Loaded load(Map<Path, Optional<String>> instead) {
                return Loaded.load(request, BundleSchema.of(context), plugins().keySet(), instead);
            }

            @Override
            public Map<String, List<Ocd>> plugins() {
                return Jars.scanPlugins(request.home(), ConfigCommand.dataDir(request))
                        .plugins();
            }

            @Override
            public List<String> reload() {
                // Before they are read: what changes later is seen by the next look.
                watch.accept(Layers.read(request).watched());
                return LiveConfiguration.this.reload(true);
            }
        };
    }

    private Loaded load() {
        Schema schema = BundleSchema.of(context);
        boolean pluginsNamed = Stream.concat(request.environment().keySet().stream(), request.sets().keySet().stream())
                .anyMatch(key -> key.startsWith("POSTHOUSE_PLUGINS_") || key.startsWith("plugins."));
        Set<String> installed = pluginsNamed
                ? Jars.scanPlugins(request.home(), ConfigCommand.dataDir(request))
                        .plugins()
                        .keySet()
                : Set.of();
        Loaded loaded = Loaded.load(request, schema, installed);
        watched = loaded.tree().watched();
        return loaded;
    }

    /**
     * Stops the server when the first configuration can not be used.
     *
     * <p>The launcher has checked it before, with the same code but the jars; so a top-level key that is unknown here
     * belongs to a bundle that is not installed yet.
     */
    private void refuse(Loaded first) {
        if (first.findings().isEmpty()) {
            return;
        }
        Schema schema = BundleSchema.of(context);
        List<Finding> wrong = new ArrayList<>(first.findings());
        wrong.removeIf(finding ->
                first.tree().root().entries().containsKey(finding.key()) && schema.find(finding.key()) == null);
        if (wrong.isEmpty()) {
            first.findings().forEach(finding -> LOG.warn("not applied yet: {}", finding));
            return;
        }
        wrong.forEach(finding -> LOG.error("configuration refused: {}", finding));
        System.setProperty(LaunchProperties.EXIT_STATUS, String.valueOf(LaunchProperties.EXIT_CONFIG));
        thread.shutdownNow();
        Thread.ofPlatform().daemon().name("posthouse-refused").start(this::stopFramework);
        throw new IllegalStateException("The configuration is refused; see the lines before");
    }

    private void stopFramework() {
        try {
            context.getBundle(0).stop();
        } catch (BundleException e) {
            LOG.error("the framework could not be stopped", e);
        }
    }
}
