// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.service.Dns;
import org.posthouse.delivery.client.Addresses;
import org.posthouse.delivery.client.Dialer;
import org.posthouse.delivery.client.PlainHosts;
import org.posthouse.delivery.client.StalledWrites;
import org.posthouse.delivery.route.RoutePlanner;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.queue.spi.Carrier;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Spool;
import org.posthouse.telemetry.spi.EventSink;

/** Puts the {@link Courier} together as a service. */
@Component(service = Carrier.class)
public final class Delivery implements Carrier {
    private final Courier courier;
    private final StalledWrites watch;

    @Activate
    public Delivery(
            @Reference Pipeline pipeline,
            @Reference Spool spool,
            @Reference Dns dns,
            @Reference NoticeWriter notices,
            @Reference Ledger ledger,
            @Reference EventSink events,
            @Reference MeterRegistry registry,
            @Reference RoutePlanner planner,
            @Reference DeliverySettings settings) {
        this.watch = new StalledWrites(settings.blockTimeout());
        Dialer dialer = new Dialer(
                new Addresses(dns, settings.ipv6()),
                settings.timeouts(),
                settings.source(),
                settings.ehlo(),
                settings.allowLoopbackMx(),
                new PlainHosts(settings.plainAfterBrokenTls()),
                watch);
        DeliveryMeters meters = new DeliveryMeters(registry);
        this.courier = new Courier(
                pipeline,
                spool,
                ledger,
                dialer,
                planner.finder(),
                planner.book(),
                new Aftermath(ledger, notices, events, meters),
                meters,
                new Courier.Policy(
                        settings.maxRecipients(),
                        settings.mostDeliveries(true),
                        settings.mostDeliveries(false),
                        settings.idle(),
                        settings.unreachablePause()));
    }

    @Override
    public void carry(Lane lane) {
        courier.carry(lane);
    }

    @Override
    public void conclude(Parcel parcel, List<Planner.Settled> outcomes) {
        courier.conclude(parcel, outcomes);
    }

    @Deactivate
    void close() {
        courier.close();
        watch.close();
    }
}
