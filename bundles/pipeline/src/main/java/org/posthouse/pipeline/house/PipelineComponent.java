// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.hook.Observer;
import org.posthouse.config.spi.PluginSettings;
import org.posthouse.config.spi.Server;
import org.posthouse.pipeline.Engine;
import org.posthouse.pipeline.Failures;
import org.posthouse.pipeline.HookPipeline;
import org.posthouse.pipeline.HookReplays;
import org.posthouse.pipeline.Snapshots;
import org.posthouse.pipeline.Tapes;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Traces;
import org.posthouse.pipeline.trace.ShadowReports;
import org.posthouse.pipeline.trace.TraceSettings;
import org.posthouse.pipeline.trace.Tracer;
import org.posthouse.spool.spi.Spool;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the plugin house, and offers the pipeline once every plugin that is there serves or was given up.
 *
 * <p>The first scan runs on the house's thread: a plugin may wait for services of bundles that start after this one.
 */
@Component(
        immediate = true,
        service = {})
public final class PipelineComponent {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineComponent.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String FILE_INSTALL = "org.apache.felix.fileinstall";

    private final BundleContext context;
    private final ConfigurationAdmin configurations;
    private final HouseKeeper keeper;
    private final PluginFolder folder;
    private final AutoCloseable changes;
    private final Tracer tracer;
    private final ShadowReports shadows;
    private final Tapes tapes;
    private final HookReplays replays;
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private @Nullable Configuration watch;
    private boolean closed;

    @Activate
    public PipelineComponent(
            BundleContext context,
            @Reference ConfigurationAdmin configurations,
            @Reference Server server,
            @Reference PluginSettings settings,
            @Reference Spool spool,
            @Reference EventSink events,
            @Reference MeterRegistry meters)
            throws IOException {
        this.context = context;
        this.configurations = configurations;
        Snapshots snapshots = new Snapshots();
        OsgiYard yard = new OsgiYard(context, configurations, settings, PATIENCE);
        yard.clear();
        Tenancies tenancies = new Tenancies(yard, snapshots);
        Failures failures = new Failures(events, meters);
        Roster roster = new Roster(snapshots, failures, meters);
        PluginHouse house =
                new PluginHouse(server.dataDir(), tenancies, roster, this::rules, events, new HouseMeters(meters));
        this.keeper = new HouseKeeper(house, tenancies, roster);
        this.folder = new PluginFolder(keeper);
        snapshots.onIdle(keeper::idle);
        yard.onLoss(keeper::lost);
        this.changes = settings.onChange(keeper::configured);
        this.tracer = new Tracer(server.dataDir(), TraceSettings.of(configured(TraceSettings.PID)));
        this.shadows = new ShadowReports(events);
        this.tapes = Tapes.in(server.dataDir());
        Engine engine = new Engine(snapshots, spool, failures, server.hostname(), tracer, shadows, tapes);
        this.replays = new HookReplays(engine, new Trials(keeper, this::rules));
        HookPipeline pipeline = new HookPipeline(engine);
        // On a thread of its own: registering starts whoever waits for the pipeline.
        keeper.open()
                .whenCompleteAsync(
                        (done, failure) -> {
                            if (failure == null) {
                                offer(pipeline);
                            } else {
                                LOG.error("The plugins could not be read; no listener opens", failure);
                            }
                        },
                        work -> Thread.ofPlatform().name("pipeline-offer").start(work));
    }

    private synchronized void offer(HookPipeline pipeline) {
        if (closed) {
            return;
        }
        ConfigurationListener listener = this::configured;
        registrations.add(context.registerService(ConfigurationListener.class, listener, null));
        registrations.add(context.registerService(Plugins.class, keeper, null));
        registrations.add(context.registerService(Traces.class, tracer, null));
        registrations.add(context.registerService(Observer.class, tracer, null));
        registrations.add(context.registerService(Shadows.class, shadows, null));
        registrations.add(context.registerService(Replays.class, replays, null));
        registrations.add(context.registerService(Pipeline.class, pipeline, null));
        registrations.add(context.registerService(ArtifactInstaller.class, folder, null));
        keeper.ruled(); // What changed between the scan and the listener.
        try {
            watch();
        } catch (IOException e) {
            LOG.error("The plugins folder is not watched: new jars are seen at the next start", e);
        }
    }

    /** Lets FileInstall poll the folder; symbolic links are followed, folders inside it are not entered. */
    private void watch() throws IOException {
        Configuration configuration = configurations.getFactoryConfiguration(FILE_INSTALL, "plugins", "?");
        configuration.update(FrameworkUtil.asDictionary(Map.of(
                "felix.fileinstall.dir", keeper.folder().toAbsolutePath().toString(),
                "felix.fileinstall.filter", ".*\\.jar",
                "felix.fileinstall.poll", "500",
                "felix.fileinstall.noInitialDelay", "true",
                "felix.fileinstall.disableNio2", "true",
                "felix.fileinstall.subdir.mode", "skip",
                "felix.fileinstall.disableConfigSave", "true",
                "felix.fileinstall.enableConfigSave", "false",
                "felix.fileinstall.log.level", "1")));
        watch = configuration;
    }

    private void configured(ConfigurationEvent event) {
        if (HookRules.PIPELINE_PID.equals(event.getPid()) || HookRule.HOOKS_PID.equals(event.getFactoryPid())) {
            keeper.ruled();
        } else if (TraceSettings.PID.equals(event.getPid())) {
            tracer.settings(TraceSettings.of(configured(TraceSettings.PID)));
        }
    }

    /** What ConfigurationAdmin holds now; values are checked and converted by the configuration bundle. */
    private HookRules rules() {
        Map<String, Dictionary<String, Object>> hooks = new HashMap<>();
        for (Configuration found : listed("(service.factoryPid=" + HookRule.HOOKS_PID + ")")) {
            Dictionary<String, Object> values = found.getProperties();
            if (values != null) {
                hooks.put(found.getPid().substring(HookRule.HOOKS_PID.length() + 1), values);
            }
        }
        return HookRules.of(configured(HookRules.PIPELINE_PID), hooks);
    }

    private @Nullable Dictionary<String, Object> configured(String pid) {
        Dictionary<String, Object> values = null;
        for (Configuration found : listed("(service.pid=" + pid + ")")) {
            values = found.getProperties();
        }
        return values;
    }

    private List<Configuration> listed(String filter) {
        try {
            Configuration[] found = configurations.listConfigurations(filter);
            return found == null ? List.of() : List.of(found);
        } catch (IOException | InvalidSyntaxException e) {
            throw new IllegalStateException("configurations can not be listed by " + filter, e);
        }
    }

    @Deactivate
    synchronized void stop() {
        closed = true;
        folder.close();
        keeper.close();
        registrations.forEach(PipelineComponent::unregister);
        tapes.close();
        tracer.close();
        try {
            changes.close();
            if (watch != null) {
                watch.delete();
            }
        } catch (Exception e) {
            LOG.debug("while the pipeline was ending", e);
        }
    }

    private static void unregister(ServiceRegistration<?> registration) {
        try {
            registration.unregister();
        } catch (IllegalStateException e) {
            LOG.debug("the framework was faster", e);
        }
    }
}
