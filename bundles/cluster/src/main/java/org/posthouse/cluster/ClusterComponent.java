// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.posthouse.cluster.node.ClusterNode;
import org.posthouse.cluster.settings.ClusterConfig;
import org.posthouse.cluster.settings.ClusterSettings;
import org.posthouse.config.spi.Server;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.HealthSource;

/** Makes this server a member of the cluster that the section {@code cluster} describes. */
@Component(
        immediate = true,
        configurationPid = "cluster",
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        service = {ClusterReport.class, HealthSource.class})
@Designate(ocd = ClusterConfig.class)
public final class ClusterComponent implements ClusterReport, HealthSource {
    private final ClusterNode node;

    @Activate
    public ClusterComponent(ClusterConfig config, @Reference Server server, @Reference MeterRegistry meters)
            throws IOException {
        // Loggers that Hazelcast makes before it is configured read it from here.
        System.setProperty("hazelcast.logging.type", "slf4j");
        this.node = new ClusterNode(ClusterSettings.of(config), server.dataDir().resolve("cluster"), meters);
        node.start();
    }

    @Override
    public Report report() {
        return node.report();
    }

    @Override
    public String name() {
        return "cluster";
    }

    @Override
    public Health health() {
        return Fitness.of(node.report(), node.takesMail());
    }

    @Deactivate
    void stop() {
        node.close();
    }
}
