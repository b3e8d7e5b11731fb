// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.admin.spi.CommonConfig;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.api.Event;
import org.posthouse.config.spi.SharedFiles;
import org.posthouse.config.spi.SharedFiles.Change;
import org.posthouse.telemetry.spi.Concord;
import org.posthouse.telemetry.spi.EventSink;
import org.posthouse.telemetry.spi.Members;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leads changes of the common files by asking the members of the cluster, this one among them, and compares them. */
@Component(service = {CommonConfig.class, Concord.class})
public final class MemberConfig implements CommonConfig, Concord {
    private static final String SILENT = "silent";
    private static final String HERE = "the node that is asked";
    private static final long LOOK_SECONDS = 30;

    /** Who only looks does not wait long for a node that hangs. */
    private static final Duration LOOK = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(MemberConfig.class);

    private final Members members;
    private final SharedFiles files;
    private final EventSink events;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final Doubt doubt;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("posthouse-common-config").unstarted(task));

    @Activate
    public MemberConfig(@Reference Members members, @Reference SharedFiles files, @Reference EventSink events) {
        this(members, files, events, InstantSource.system());
        thread.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    MemberConfig(Members members, SharedFiles files, EventSink events, InstantSource clock) {
        this.members = members;
        this.files = files;
        this.events = events;
        this.doubt = new Doubt(files, clock);
    }

    @Deactivate
    void stop() {
        thread.shutdownNow();
    }

    /** Ends what was applied and never ended. */
    public void look() {
        try {
            doubt.look(new Fleet(members, "the cluster"));
        } catch (RuntimeException e) {
            LOG.error("Whether a change of the configuration stays could not be found out", e);
        }
    }

    @Override
    public Applied apply(Change change, String who) throws RefusedException {
        if (!busy.compareAndSet(false, true)) {
            throw new RefusedException("Nothing was changed: another change is under way, which this node leads");
        }
        String id = UUID.randomUUID().toString().substring(0, 8);
        try {
            Applied applied = await(id, change, who);
            tell(id, change, who, "in force");
            return applied;
        } catch (RefusedException e) {
            tell(id, change, who, e.getMessage() + ": " + String.join("; ", e.findings()));
            throw e;
        } finally {
            busy.set(false);
        }
    }

    /** On a thread of its own: what is changed may be the very port over which it is asked for. */
    private Applied await(String id, Change change, String who) throws RefusedException {
        CompletableFuture<Applied> result = new CompletableFuture<>();
        Thread.ofVirtual().name("config-round").start(() -> {
            try {
                result.complete(new Round(id, new Fleet(members, who)).run(change));
            } catch (RefusedException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("Nobody waits any more for what becomes of the change " + id);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                throw refused;
            }
            throw new IllegalStateException("The change " + id + " failed", e.getCause());
        }
    }

    private void tell(String id, Change change, String who, String result) {
        LOG.info("The change {} of {} by {}: {}", id, new TreeSet<>(change.names()), who, result);
        events.publish(Event.of(Event.Type.ADMIN)
                .with("action", "cluster config")
                .with("change", id)
                .with("files", String.join(",", new TreeSet<>(change.names())))
                .with("who", who)
                .with("result", result)
                .build());
    }

    @Override
    public List<Comparison> compare() {
        Fleet fleet = new Fleet(members, HERE);
        Map<String, String> own = files.standing().files();
        List<Comparison> all = new ArrayList<>();
        fleet.ask(
                        fleet.names(),
                        Call.get("/cluster/config").with("node", "self").within(LOOK))
                .forEach((node, answer) -> all.add(compare(node, answer, own)));
        return all;
    }

    private static Comparison compare(String node, Answer answer, Map<String, String> own) {
        if (!answer.good()) {
            return new Comparison(node, SILENT, answer.why(), Map.of());
        }
        Map<String, String> there = new TreeMap<>();
        answer.json()
                .path("files")
                .properties()
                .forEach(file -> there.put(file.getKey(), file.getValue().asText()));
        Map<String, String> differ = new TreeMap<>();
        own.forEach((name, digest) -> {
            if (!digest.equals(there.get(name))) {
                differ.put(name, there.containsKey(name) ? "differs" : "missing");
            }
        });
        there.keySet().stream().filter(name -> !own.containsKey(name)).forEach(name -> differ.put(name, "more"));
        JsonNode open = answer.json().path("open");
        String detail = open.path("id").asText("").isEmpty()
                ? ""
                : "whether the change " + open.path("id").asText() + " by "
                        + open.path("who").asText() + " stays is not known there yet";
        return new Comparison(node, differ.isEmpty() ? "same" : "differs", detail, differ);
    }

    @Override
    public Map<String, String> ask() {
        Map<String, String> states = new LinkedHashMap<>();
        for (Comparison member : compare()) {
            boolean doubtful =
                    !member.state().equals(SILENT) && !member.detail().isEmpty();
            states.put(member.node(), member.state() + (doubtful ? ", in doubt" : ""));
        }
        return states;
    }
}
