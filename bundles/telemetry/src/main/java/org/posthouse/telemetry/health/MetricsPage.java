// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;
import org.posthouse.telemetry.health.Probe.Page;
import org.posthouse.telemetry.meters.MeterService;
import org.posthouse.telemetry.spi.HealthSource;

/** Serves {@code /metrics}, {@code /health} and {@code /ready} at the address of the top-level key {@code metrics}. */
@Component(
        immediate = true,
        service = {},
        configurationPid = "metrics",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = MetricsPage.Config.class)
public final class MetricsPage {
    /** The pages for probes. */
    @ObjectClassDefinition(
            name = "Metrics",
            description = "Where `/metrics` (Prometheus), `/health` and `/ready` are served, without authentication.")
    @interface Config {
        @Unit(Unit.Kind.SOCKET)
        @AttributeDefinition(
                defaultValue = "127.0.0.1:9090",
                description = "The address; keep it private, for the pages show what the server does.")
        String address();
    }

    private final List<HealthSource> sources = new CopyOnWriteArrayList<>();
    private final PageServer server;

    @Activate
    public MetricsPage(@Reference MeterService meters, BundleContext context, Config config) throws IOException {
        sources.add(new Running(context.getBundle(Constants.SYSTEM_BUNDLE_ID)));
        this.server = new PageServer(
                address(config.address()),
                Map.of(
                        "/metrics", () -> new Page(200, "text/plain; version=0.0.4", meters.scrape()),
                        "/health", () -> Probe.health(sources),
                        "/ready", () -> Probe.ready(sources)));
    }

    @Deactivate
    void stop() throws IOException {
        server.close();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addSource(HealthSource source) {
        sources.add(source);
    }

    void removeSource(HealthSource source) {
        sources.remove(source);
    }

    /** The address of a checked {@code host:port}; {@code *} is every address. */
    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = Integer.parseInt(text.substring(colon + 1));
        return host.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    }
}
