// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Event;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.Observer;
import org.posthouse.api.service.Events;
import org.posthouse.config.spi.Server;
import org.posthouse.telemetry.spi.EventHistory;
import org.posthouse.telemetry.spi.EventSink;

/** Takes all events: into the file, and to the observers. */
@Component(
        service = {EventSink.class, EventHistory.class},
        configurationPid = "events",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = EventLog.Config.class)
public final class EventLog implements EventSink, EventHistory {
    /** The event log. */
    @ObjectClassDefinition(name = "Event log", description = "One JSON line per event in `<dataDir>/log/events.jsonl`.")
    @interface Config {
        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "100MB",
                min = "1kB",
                description = "A file of this size is set aside as `events.jsonl.1` and so on.")
        long size();

        @AttributeDefinition(
                defaultValue = "5",
                min = "0",
                max = "1000",
                description = "How many files set aside are kept.")
        int keep();

        @AttributeDefinition(
                defaultValue = "65536",
                min = "16",
                max = "1048576",
                description = "How many events may wait to be written before some are lost (and counted);"
                        + " a change counts from the next start.")
        int buffer();
    }

    private static final int OBSERVER_BUFFER = 8192;

    private final Journal journal;
    private final LogReader reader;
    private final Counter lostByObservers;
    private final Map<Event.Type, Counter> counters = new EnumMap<>(Event.Type.class);
    private final Map<Observer, ObserverFeed> feeds = new ConcurrentHashMap<>();

    @Activate
    public EventLog(@Reference Server server, @Reference MeterRegistry meters, Config config) {
        Path file = server.dataDir().resolve("log").resolve("events.jsonl");
        Counter lost = lost(meters, "log");
        this.lostByObservers = lost(meters, "observer");
        for (Event.Type type : Event.Type.values()) {
            counters.put(
                    type,
                    Counter.builder("posthouse.events")
                            .description("Events by type")
                            .tag("type", EventLine.name(type))
                            .register(meters));
        }
        this.journal = new Journal(file, config.buffer(), limits(config), lost::increment);
        Gauge.builder("posthouse.events.waiting", journal, Journal::waiting)
                .description("Events that wait to be written")
                .register(meters);
        this.reader = new LogReader(file);
        journal.start();
    }

    /** New limits count from the next line; those who publish keep this service. */
    @Modified
    void modified(Config config) {
        journal.limit(limits(config));
    }

    @Deactivate
    void stop() throws InterruptedException {
        feeds.values().forEach(ObserverFeed::stop);
        journal.stop();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addObserver(Observer observer) {
        ObserverFeed feed = new ObserverFeed(observer, OBSERVER_BUFFER, lostByObservers::increment);
        feeds.put(observer, feed);
        feed.start();
    }

    void removeObserver(Observer observer) {
        ObserverFeed feed = feeds.remove(observer);
        if (feed != null) {
            feed.stop();
        }
    }

    @Override
    public void publish(Event event) {
        Counter counter = counters.get(event.type());
        if (counter != null) {
            counter.increment();
        }
        journal.offer(event);
        for (ObserverFeed feed : feeds.values()) {
            feed.offer(event);
        }
    }

    @Override
    public Events.Page read(String cursor, int most) throws IOException {
        return reader.read(cursor, most);
    }

    private static Counter lost(MeterRegistry meters, String place) {
        return Counter.builder("posthouse.events.lost")
                .description("Events that did not fit into a queue or could not be written")
                .tag("to", place)
                .register(meters);
    }

    private static Journal.Limits limits(Config config) {
        return new Journal.Limits(config.size(), config.keep());
    }
}
