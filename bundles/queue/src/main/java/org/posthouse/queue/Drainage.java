// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.posthouse.api.Event;
import org.posthouse.queue.spi.Drain;
import org.posthouse.queue.spi.Inlet;
import org.posthouse.telemetry.spi.EventSink;
import org.posthouse.telemetry.spi.HealthSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains the server: shuts its inlets, lets lanes end with the parcel they have, and asks the custodian to leave what others
 * can deliver to others. While it drains, {@code /ready} is red, so that balancers send nobody here.
 */
@Component(
        immediate = true,
        service = {Drain.class, HealthSource.class})
public final class Drainage implements Drain, HealthSource {
    private static final Logger LOG = LoggerFactory.getLogger(Drainage.class);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Depot depot;
    private final EventSink events;
    private final Set<Inlet> inlets = new CopyOnWriteArraySet<>();
    private volatile @Nullable Instant since;
    private boolean told;
    private @Nullable Thread watch;

    @Activate
    public Drainage(@Reference Depot depot, @Reference EventSink events) {
        this.depot = depot;
        this.events = events;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addInlet(Inlet inlet) {
        inlets.add(inlet);
        if (since != null) {
            inlet.shut();
        }
    }

    void removeInlet(Inlet inlet) {
        inlets.remove(inlet);
    }

    @Override
    public synchronized Progress begin(String who) {
        if (since == null) {
            since = depot.now();
            told = false;
            tell("drain", who, "Draining, as {} asked: no more mail is taken, and no more deliveries begin");
            depot.drain(true);
            inlets.forEach(Inlet::shut);
            watch = Thread.ofVirtual().name("drain").start(this::watch);
        }
        return progress();
    }

    @Override
    public synchronized Progress end(String who) {
        if (since != null) {
            since = null;
            stopWatching();
            depot.drain(false);
            inlets.forEach(Inlet::reopen);
            tell("undrain", who, "No longer draining, as {} asked: mail comes in and goes out again");
        }
        return progress();
    }

    private void tell(String action, String who, String line) {
        LOG.info(line, who);
        events.publish(Event.of(Event.Type.ADMIN)
                .with("action", action)
                .with("who", who)
                .build());
    }

    private void stopWatching() {
        Thread now = watch;
        if (now != null) {
            now.interrupt();
        }
        watch = null;
    }

    /** Says so once, when nothing is open any more. */
    private void watch() {
        try {
            while (!drained()) {
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean drained() {
        Instant began = since;
        if (began == null || told) {
            return true;
        }
        if (!left().isEmpty()) {
            return false;
        }
        told = true;
        Duration took = Duration.between(began, depot.now());
        LOG.info("Drained after {} ms: nothing is open here", took.toMillis());
        events.publish(Event.of(Event.Type.ADMIN)
                .with("action", "drained")
                .with("millis", took.toMillis())
                .build());
        return true;
    }

    /** What is still open; the custodian is asked last, for he looks at every message. */
    private List<String> left() {
        List<String> left = new ArrayList<>();
        int clients = inlets.stream().mapToInt(Inlet::clients).sum();
        if (clients > 0) {
            left.add("Clients that end their transaction: " + clients);
        }
        int busy = depot.busy();
        if (busy > 0) {
            left.add("Deliveries that end: " + busy);
        }
        if (left.isEmpty()) {
            left.addAll(depot.scribe().unfinished());
        }
        return left;
    }

    @Override
    public Progress progress() {
        Instant began = since;
        if (began == null) {
            return new Progress(Phase.OPEN, null, List.of());
        }
        List<String> left = left();
        return new Progress(left.isEmpty() ? Phase.DRAINED : Phase.DRAINING, began, left);
    }

    @Override
    public String name() {
        return "drain";
    }

    @Override
    public Health health() {
        Instant began = since;
        return began == null
                ? Health.GOOD
                : new Health(true, false, "This server drains since " + Times.whole(began) + " and takes no mail");
    }

    @Deactivate
    synchronized void stop() {
        since = null;
        stopWatching();
    }
}
