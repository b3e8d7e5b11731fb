// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.admin.spi.Rollouts.Node;
import org.posthouse.admin.spi.Rollouts.Rollout;
import org.posthouse.admin.spi.Rollouts.Step;
import org.posthouse.api.Event;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happened in a rollout, step by step; each is an event and a line in the log as well. */
final class Logbook {
    static final String WAITING = "waiting";
    static final String SKIPPED = "skipped";
    static final String SILENT = "silent";

    private static final Logger LOG = LoggerFactory.getLogger(Logbook.class);

    /** What a rollout is about. */
    record Title(String id, String action, String plugin, String version, String who) {}

    private final Title title;
    private final EventSink events;
    private final InstantSource clock;
    private final Instant began;
    private final Map<String, List<Step>> nodes = new LinkedHashMap<>();
    private String outcome = Rollouts.RUNNING;
    private String detail = "";
    private @Nullable Instant ended;

    Logbook(Title title, Collection<String> nodes, EventSink events, InstantSource clock) {
        this.title = title;
        this.events = events;
        this.clock = clock;
        this.began = clock.instant();
        nodes.forEach(node -> this.nodes.put(node, new ArrayList<>(List.of(new Step(WAITING, began, "")))));
    }

    String plugin() {
        return title.plugin();
    }

    /** Something happened at a node. */
    void note(String node, String state, String why) {
        synchronized (this) {
            Objects.requireNonNull(nodes.get(node), node).add(new Step(state, clock.instant(), why));
        }
        tell(node, state, why);
    }

    /** It is over. */
    void end(String result, String why) {
        synchronized (this) {
            outcome = result;
            detail = why;
            ended = clock.instant();
        }
        tell("", result, why);
    }

    private void tell(String node, String what, String why) {
        LOG.info(
                "Rollout {}: {} {} {}{}: {}{}",
                title.id(),
                title.action(),
                title.plugin(),
                title.version(),
                node.isEmpty() ? "" : " at " + node,
                what,
                why.isEmpty() ? "" : ": " + why);
        events.publish(Event.of(Event.Type.PLUGIN)
                .with("plugin", title.plugin())
                .with("action", "rollout")
                .with("rollout", title.id())
                .with("what", title.action())
                .with("version", title.version())
                .with("who", title.who())
                .with("node", node)
                .with("result", what)
                .with("detail", why)
                .build());
    }

    synchronized boolean running() {
        return ended == null;
    }

    synchronized Rollout view() {
        return new Rollout(
                title.id(),
                title.action(),
                title.plugin(),
                title.version(),
                title.who(),
                outcome,
                detail,
                began,
                ended,
                nodes.entrySet().stream()
                        .map(node -> node(node.getKey(), node.getValue()))
                        .toList());
    }

    private static Node node(String name, List<Step> steps) {
        return new Node(name, steps.getLast().state(), steps.getLast().detail(), steps);
    }
}
