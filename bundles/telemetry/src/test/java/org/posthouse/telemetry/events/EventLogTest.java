// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Event;
import org.posthouse.api.hook.Observer;
import org.posthouse.config.spi.ReloadListener.Result;
import org.posthouse.config.spi.Server;

class EventLogTest {
    @TempDir
    Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private record Named(String hostname, Path dataDir, Path home, String version) implements Server {}

    private record Values(long size, int keep, int buffer) implements EventLog.Config {
        @Override
        public Class<? extends Annotation> annotationType() {
            return EventLog.Config.class;
        }
    }

    private EventLog log() {
        return new EventLog(new Named("h", folder, folder, "1"), meters, new Values(1_000_000, 5, 100));
    }

    @Test
    void eventsReachFileMetersAndObservers() throws Exception {
        EventLog log = log();
        BlockingQueue<Event> seen = new LinkedBlockingQueue<>();
        Observer observer = seen::add;
        log.addObserver(observer);
        Event event = Event.of(Event.Type.RECEPTION).with("id", "01J").build();
        log.publish(event);
        assertEquals(event, seen.poll(10, TimeUnit.SECONDS));
        log.removeObserver(observer);
        log.publish(event);
        log.stop();
        assertEquals(2, Files.readAllLines(folder.resolve("log/events.jsonl")).size());
        assertEquals(
                2.0,
                meters.get("posthouse.events")
                        .tag("type", "reception")
                        .counter()
                        .count());
        assertTrue(seen.isEmpty());
    }

    @Test
    void newLimitsCountFromTheNextLine() throws Exception {
        EventLog log = log();
        log.modified(new Values(1_000, 1, 100));
        log.publish(Event.of(Event.Type.ADMIN).with("text", "x".repeat(900)).build());
        log.stop();
        assertTrue(Files.exists(folder.resolve("log/events.jsonl")));
    }

    @Test
    void reloadsAreCountedAndPublished() throws Exception {
        EventLog log = log();
        ReloadReport report = new ReloadReport(log, meters);
        report.reloaded(new Result(true, List.of("smtp~mx", "queue"), List.of()));
        report.reloaded(new Result(false, List.of(), List.of("a.yaml:1: x: unknown key")));
        log.stop();
        List<String> lines = Files.readAllLines(folder.resolve("log/events.jsonl"));
        assertTrue(lines.get(0).endsWith("\"result\":\"applied\",\"changed\":\"smtp~mx,queue\"}"), lines.get(0));
        assertTrue(lines.get(1).endsWith("\"result\":\"refused\",\"findings\":\"a.yaml:1: x: unknown key\"}"));
        assertEquals(
                1.0,
                meters.get("posthouse.config.reloads")
                        .tag("result", "refused")
                        .counter()
                        .count());
    }
}
