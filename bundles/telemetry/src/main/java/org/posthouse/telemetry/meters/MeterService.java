// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.meters;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.config.spi.Server;

/**
 * Offers the registry to all bundles.
 *
 * <p>It has no configuration: whoever counts holds the registry, and would be restarted with it.
 */
@Component(immediate = true, service = MeterService.class)
public final class MeterService {
    private final Meters meters;
    private final ServiceRegistration<MeterRegistry> registration;

    @Activate
    public MeterService(BundleContext context, @Reference Server server) {
        this.meters = new Meters(server.version());
        this.registration =
                context.registerService(MeterRegistry.class, meters.registry(), FrameworkUtil.asDictionary(Map.of()));
    }

    /** The meters as text. */
    public String scrape() {
        return meters.scrape();
    }

    @Deactivate
    void stop() {
        registration.unregister();
        meters.close();
    }
}
