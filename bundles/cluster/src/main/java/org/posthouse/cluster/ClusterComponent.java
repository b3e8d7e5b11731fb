// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.util.tracker.ServiceTracker;
import org.posthouse.cluster.node.ClusterNode;
import org.posthouse.cluster.settings.ClusterConfig;
import org.posthouse.cluster.settings.ClusterSettings;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.posthouse.state.spi.Commons;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.HealthSource;
import org.posthouse.telemetry.spi.Members;

/**
 * Makes this server a member of the cluster that the section {@code cluster} describes. The queue waits for this one, so
 * the queue's holdings are waited for here elsewhere, when this one is there already.
 */
@Component(
        immediate = true,
        configurationPid = "cluster",
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        service = {ClusterReport.class, HealthSource.class, Custodian.class})
@Designate(ocd = ClusterConfig.class)
public final class ClusterComponent implements ClusterReport, HealthSource, Custodian {
    private final ClusterNode node;
    private final ServiceTracker<Holdings, Holdings> holdings;
    private final ServiceTracker<Clerk, Clerk> clerk;
    private final ServiceRegistration<Commons> commons;
    private final ServiceRegistration<Members> members;

    @Activate
    public ClusterComponent(
            ClusterConfig config,
            @Reference Spool spool,
            @Reference Records records,
            @Reference Copies copies,
            @Reference MeterRegistry meters,
            BundleContext context)
            throws IOException {
        // Loggers that Hazelcast makes before it is configured read it from here.
        System.setProperty("hazelcast.logging.type", "slf4j");
        this.node = new ClusterNode(ClusterSettings.of(config), spool, records, copies, meters);
        this.holdings = new ServiceTracker<>(context, Holdings.class, null) {
            @Override
            public @Nullable Holdings addingService(ServiceReference<Holdings> reference) {
                Holdings place = super.addingService(reference);
                if (place != null) {
                    node.serve(place);
                }
                return place;
            }

            @Override
            public void removedService(ServiceReference<Holdings> reference, Holdings place) {
                node.leave();
                super.removedService(reference, place);
            }
        };
        this.clerk = new ServiceTracker<>(context, Clerk.class, null);
        node.employ(clerk::getService);
        // Elsewhere: the queue is made with this custodian, which is not there before this constructor ends.
        Thread.ofPlatform().daemon().name("posthouse-cluster-start").start(this::look);
        // Last: from now on limits are asked for.
        this.commons = context.registerService(Commons.class, node.commons(), null);
        this.members = context.registerService(Members.class, node.members(), null);
    }

    private void look() {
        holdings.open();
        clerk.open();
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
        return Fitness.of(node.report(), closed(), node.takesMail());
    }

    @Override
    public String closed() {
        return node.custodian().closed();
    }

    @Override
    public boolean owns(MessageId id) {
        return node.custodian().owns(id);
    }

    @Override
    public String why(MessageId id) {
        return node.custodian().why(id);
    }

    @Override
    public boolean shows(MessageId id) {
        return node.custodian().shows(id);
    }

    @Override
    public Spool.Counts shown(Spool.Counts all) {
        return node.custodian().shown(all);
    }

    @Override
    public boolean shared(MessageId id) {
        return node.custodian().shared(id);
    }

    @Override
    public long epoch(MessageId id) {
        return node.custodian().epoch(id);
    }

    @Override
    public boolean isDoubted(MessageId id, int recipient) {
        return node.custodian().isDoubted(id, recipient);
    }

    @Override
    public State doubted() {
        return node.custodian().doubted();
    }

    @Override
    public Pledge admit(List<Spool.Stored> entering, @Nullable Draft octets, Change change) throws SpoolException {
        return node.custodian().admit(entering, octets, change);
    }

    @Override
    public Pledge alter(Turn turn, Change change) throws SpoolException {
        return node.custodian().alter(turn, change);
    }

    @Override
    public boolean maySay(MessageId id, State state) {
        return node.custodian().maySay(id, state);
    }

    @Override
    public void land(MessageId id, List<Integer> recipients) {
        node.custodian().land(id, recipients);
    }

    @Override
    public boolean mayGo(MessageId id, List<Integer> recipients) {
        return node.custodian().mayGo(id, recipients);
    }

    @Override
    public void leave(boolean now) {
        node.leaving(now);
    }

    @Override
    public List<String> unfinished() {
        return node.custodian().unfinished();
    }

    @Deactivate
    void stop() {
        members.unregister();
        commons.unregister();
        clerk.close();
        holdings.close();
        node.close();
    }
}
