// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.telemetry.spi.HealthSource;

/**
 * Where plugins hang up their health checks: each name among them becomes a part of {@code /health} and {@code /ready}.
 *
 * <p>While two generations of a plugin stand, the check of the newer one counts, which is the one with the higher service
 * id.
 */
@Component(
        immediate = true,
        service = {})
public final class HealthBoard {
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Function<HealthSource, Runnable> announce;
    private final Duration pause;
    private final Duration limit;
    /** By service id, so that the newest comes last. */
    private final TreeMap<Long, CheckWatch> watches = new TreeMap<>();

    private final Map<String, Posted> posted = new HashMap<>();

    /** A part that was announced, and how to take it back. */
    private record Posted(CheckedPart part, Runnable withdraw) {}

    @Activate
    public HealthBoard(BundleContext context) {
        this(
                source -> {
                    ServiceRegistration<HealthSource> registration =
                            context.registerService(HealthSource.class, source, FrameworkUtil.asDictionary(Map.of()));
                    return registration::unregister;
                },
                PAUSE,
                LIMIT);
    }

    HealthBoard(Function<HealthSource, Runnable> announce, Duration pause, Duration limit) {
        this.announce = announce;
        this.pause = pause;
        this.limit = limit;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addCheck(ServiceReference<HealthCheck> reference, HealthCheck check) {
        hang(id(reference), reference.getBundle().getSymbolicName(), check);
    }

    void removeCheck(ServiceReference<HealthCheck> reference) {
        takeDown(id(reference));
    }

    private static long id(ServiceReference<HealthCheck> reference) {
        return (Long) reference.getProperty(Constants.SERVICE_ID);
    }

    /** Begins to ask a check. */
    synchronized void hang(long service, String plugin, HealthCheck check) {
        CheckWatch watch = new CheckWatch(plugin, check, pause, limit, System::nanoTime, this::arrange);
        watches.put(service, watch);
        arrange();
        watch.start();
    }

    /** Ends it, and keeps nothing. */
    synchronized void takeDown(long service) {
        CheckWatch watch = watches.remove(service);
        if (watch != null) {
            watch.stop();
            arrange();
        }
    }

    /** Brings what is announced in line with what hangs here. */
    private synchronized void arrange() {
        Map<String, CheckWatch> newest = new HashMap<>();
        watches.values().forEach(watch -> newest.put(watch.part(), watch));
        posted.entrySet().removeIf(entry -> {
            boolean gone = !newest.containsKey(entry.getKey());
            if (gone) {
                entry.getValue().withdraw().run();
            }
            return gone;
        });
        newest.forEach((name, watch) -> {
            Posted there = posted.get(name);
            if (there != null) {
                there.part().follow(watch);
            } else {
                CheckedPart part = new CheckedPart(name, watch);
                posted.put(name, new Posted(part, announce.apply(part)));
            }
        });
    }

    @Deactivate
    synchronized void stop() {
        watches.values().forEach(CheckWatch::stop);
        watches.clear();
        arrange();
    }
}
