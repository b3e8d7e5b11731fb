// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Event;
import org.posthouse.api.config.Unit;
import org.posthouse.config.spi.Server;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.Vault;
import org.posthouse.telemetry.spi.EventSink;
import org.posthouse.telemetry.spi.HealthSource;

/** Opens the spool in the data folder and offers it to the other bundles. */
@Component(
        configurationPid = "spool",
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        immediate = true,
        service = {})
@Designate(ocd = SpoolComponent.Config.class)
public final class SpoolComponent {
    /** The values of the top-level key {@code spool}. */
    @ObjectClassDefinition(name = "Spool", description = "Messages on disk.")
    public @interface Config {
        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "64kB",
                max = "16MB",
                description = "Messages up to this size are kept beside their envelopes, larger ones as files.")
        long inlineLimit();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "256MB",
                description = "Free space below which new mail is answered 452 while deliveries go on.")
        long minFree();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "16MB",
                description = "Size of a file that is given up when the disk is full, so that deliveries can commit.")
        long ballast();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "4MB",
                description = "A large message is forced to disk each time so much of it has arrived.")
        long forceEvery();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "0s",
                description =
                        "How long a commit waits for others to share its sync. Rarely useful: they gather anyway.")
        long linger();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "16MB",
                description = "Heap for messages committed a moment ago, so that prompt deliveries need not read them.")
        long cache();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(defaultValue = "32MB", description = "Memory outside the heap for blocks read from disk.")
        long blockCache();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "128MB",
                description = "Memory outside the heap for what is in the log and not yet in tables.")
        long writeBuffers();
    }

    private final RocksSpool spool;
    private final ServiceRegistration<Spool> offered;
    private final ServiceRegistration<Vault> vault;
    private final ServiceRegistration<Records> records;
    private final ServiceRegistration<Copies> copies;
    private final ServiceRegistration<HealthSource> health;

    @Activate
    public SpoolComponent(
            Config config,
            @Reference Server server,
            @Reference EventSink events,
            @Reference MeterRegistry meters,
            BundleContext context)
            throws IOException {
        Path folder = server.dataDir().resolve("spool");
        Files.createDirectories(folder);
        NativeLibrary.load(server.dataDir().resolve("run/native"));
        FileStore disk = Files.getFileStore(folder);
        spool = new RocksSpool(new RocksSpool.Parts(
                folder,
                settings(config),
                new Meters(meters),
                entry -> events.publish(alarm(entry)),
                disk::getUsableSpace,
                Faults.NONE));
        if (!spool.condition().equals(Spool.Condition.GOOD)) {
            events.publish(change(spool.condition()));
        }
        // Ends with the spool itself, so nobody takes it off.
        spool.onCondition(condition -> events.publish(change(condition)));
        offered = context.registerService(Spool.class, spool, FrameworkUtil.asDictionary(Map.of()));
        vault = context.registerService(Vault.class, spool.vault(), FrameworkUtil.asDictionary(Map.of()));
        records = context.registerService(Records.class, spool.records(), FrameworkUtil.asDictionary(Map.of()));
        copies = context.registerService(Copies.class, spool.copies(), FrameworkUtil.asDictionary(Map.of()));
        health = context.registerService(
                HealthSource.class, new SpoolHealth(spool), FrameworkUtil.asDictionary(Map.of()));
    }

    private static Settings settings(Config config) {
        return new Settings(
                config.inlineLimit(),
                config.minFree(),
                config.ballast(),
                config.forceEvery(),
                config.linger(),
                config.cache(),
                config.blockCache(),
                config.writeBuffers());
    }

    private static Event alarm(Spool.SetAside entry) {
        return Event.of(Event.Type.SPOOL)
                .with("what", "set aside")
                .with("name", entry.what())
                .with("where", entry.where())
                .with("reason", entry.why())
                .build();
    }

    private static Event change(Spool.Condition condition) {
        String what = !condition.working() ? "sick" : condition.accepting() ? "healed" : "short of space";
        return Event.of(Event.Type.SPOOL)
                .with("what", what)
                .with("reason", condition.reason())
                .build();
    }

    @Deactivate
    void close() throws IOException {
        health.unregister();
        copies.unregister();
        records.unregister();
        vault.unregister();
        offered.unregister();
        spool.close();
    }
}
