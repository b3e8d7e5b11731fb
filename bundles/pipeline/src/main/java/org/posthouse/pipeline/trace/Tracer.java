// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.api.hook.Observer;
import org.posthouse.pipeline.spi.Traces;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins the trails of sessions and messages, keeps the newest, joins the events of a message to its trail, and stores what
 * watches wait for.
 *
 * <p>A session that is not sampled has no trail at all, unless a watch waits: whether it fits is known at its end only.
 */
public final class Tracer implements Traces, Observer, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tracer.class);
    private static final int MOST_WATCHES = 100;
    /** So many stored trails still take events; what comes for older ones is in the event log alone. */
    private static final int MOST_FOLLOWED = 200;

    private static final long PAUSE_MILLIS = 200;

    private final Ring ring;
    private final @Nullable TraceFolder folder;
    private final List<Waiting> watches = new CopyOnWriteArrayList<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Map<String, Trail> followed = Collections.synchronizedMap(new Followed());
    private final Map<Trail, Boolean> unwritten = Collections.synchronizedMap(new LinkedHashMap<>());
    private final ScheduledThreadPoolExecutor writer;
    private volatile TraceSettings settings;

    /** A watch with its count. */
    private record Waiting(String id, Wanted wanted, Fit fit, Instant since, AtomicInteger stored) {
        Watch watch() {
            return new Watch(id, wanted, since, stored.get());
        }
    }

    /** The trails stored last, by id. */
    private static final class Followed extends LinkedHashMap<String, Trail> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Trail> eldest) {
            return size() > MOST_FOLLOWED;
        }
    }

    private Tracer(TraceSettings settings, @Nullable TraceFolder folder) {
        this.folder = folder;
        this.settings = settings;
        this.ring = new Ring(settings);
        this.writer = new ScheduledThreadPoolExecutor(
                1, work -> Thread.ofPlatform().daemon().name("traces").unstarted(work));
        writer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Keeps traces by these settings, and stores below this folder. */
    public Tracer(Path dataDir, TraceSettings settings) {
        this(settings, new TraceFolder(dataDir.resolve("traces")));
    }

    /** Keeps traces by these settings, and stores none. */
    public Tracer(TraceSettings settings) {
        this(settings, null);
    }

    /** Traces nothing. */
    public static Tracer off() {
        return new Tracer(TraceSettings.OFF, null);
    }

    /** Counts from the next session on. */
    public void settings(TraceSettings next) {
        settings = next;
        ring.limit(next);
    }

    /** The trail of a session that begins, or null when it is not traced. */
    public @Nullable Trail session(String session) {
        return begin("", session, null);
    }

    /** The trail of a transaction that begins in this session, or null when it is not traced. */
    public @Nullable Trail transaction(String id, String session, @Nullable Trail parent) {
        if (parent == null) {
            return null;
        }
        Trail trail = new Trail(parent.sampled(), id, session, parent);
        if (trail.sampled()) {
            ring.add(trail);
        }
        return trail;
    }

    /** The trail of a message that is in the queue already: the one it has, or a new one. */
    public @Nullable Trail message(String id, String session) {
        if (settings.percent() == 0 && followed.isEmpty() && ring.size() == 0) {
            return null;
        }
        Trail known = known(id);
        return known != null ? known : sampled() ? begin(id, session, null) : null;
    }

    private @Nullable Trail known(String id) {
        Trail trail = ring.message(id);
        return trail != null ? trail : followed.get(id);
    }

    private boolean sampled() {
        int percent = settings.percent();
        return percent >= 100 || percent > 0 && ThreadLocalRandom.current().nextInt(100) < percent;
    }

    private @Nullable Trail begin(String id, String session, @Nullable Trail parent) {
        boolean sampled = sampled();
        if (!sampled && watches.isEmpty()) {
            return null;
        }
        Trail trail = new Trail(sampled, id, session, parent);
        if (sampled) {
            ring.add(trail);
        }
        return trail;
    }

    /** Whether somebody waits for traces, so that even sessions that were not sampled are traced from now on. */
    public boolean watching() {
        return !watches.isEmpty();
    }

    /**
     * Nothing more is said in this session or transaction.
     *
     * @param trail its trail
     * @param names ids of other messages that were made of it
     */
    public void ended(Trail trail, List<String> names) {
        if (trail.empty()) {
            ring.remove(trail);
            return;
        }
        grown(trail, names);
        if (trail.id().isEmpty() && trail.hasTransactions()) {
            return;
        }
        for (Waiting waiting : watches) {
            if (trail.fits(waiting.fit())) {
                int count = waiting.stored().incrementAndGet();
                if (count >= waiting.wanted().most()) {
                    watches.remove(waiting);
                }
                if (count <= waiting.wanted().most()) {
                    follow(trail, names);
                    return;
                }
            }
        }
    }

    private void follow(Trail trail, List<String> names) {
        followed.put(trail.id().isEmpty() ? trail.session() : trail.id(), trail);
        names.forEach(name -> followed.put(name, trail));
        write(trail);
    }

    /** A trail took more. */
    public void grown(Trail trail, List<String> names) {
        if (trail.sampled()) {
            ring.grown(trail, names);
        }
        if (followed.get(trail.id().isEmpty() ? trail.session() : trail.id()) == trail) {
            write(trail);
        }
    }

    /** Soon, once for all that comes meanwhile. */
    private void write(Trail trail) {
        if (folder == null || unwritten.put(trail, true) != null) {
            return;
        }
        try {
            writer.schedule(this::flush, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("A trace came after the end", e);
        }
    }

    private void flush() {
        List<Trail> now;
        synchronized (unwritten) {
            now = new ArrayList<>(unwritten.keySet());
            unwritten.clear();
        }
        if (folder != null) {
            now.forEach(trail -> folder.write(trail.trace(), settings.stored()));
        }
    }

    @Override
    public void onEvent(Event event) {
        if (event.type() == Event.Type.SHADOW || event.type() == Event.Type.HOOK_FAILURE) {
            return; // Said by the steps already.
        }
        Trail trail = null;
        if (event.facts().get("id") instanceof String id) {
            trail = known(id);
        } else if (event.facts().get("session") instanceof String session) {
            trail = sessionTrail(session);
        }
        if (trail != null) {
            trail.add(event);
            grown(trail, List.of());
        }
    }

    private @Nullable Trail sessionTrail(String session) {
        for (Trail one : ring.session(session)) {
            Trail found = one.id().isEmpty() ? one : one.parent();
            if (found != null) {
                return found;
            }
        }
        return followed.get(session);
    }

    @Override
    public Optional<Trace> find(String id) {
        Trail message = known(id);
        if (message != null) {
            return Optional.of(message.trace());
        }
        Trail session = sessionTrail(id);
        if (session != null) {
            List<Trail> messages = ring.session(id).stream()
                    .filter(trail -> !trail.id().isEmpty())
                    .toList();
            return Optional.of(Trail.together(session, messages));
        }
        return folder == null ? Optional.empty() : folder.read(id);
    }

    @Override
    public List<Trace> recent(int most) {
        return ring.newest(most).stream().map(Trail::trace).toList();
    }

    @Override
    public Watch watch(Wanted wanted) {
        Fit fit = new Fit(wanted);
        if (watches.size() >= MOST_WATCHES) {
            throw new IllegalArgumentException("there are " + MOST_WATCHES + " watches already");
        }
        Waiting waiting = new Waiting("W" + numbers.incrementAndGet(), wanted, fit, Instant.now(), new AtomicInteger());
        watches.add(waiting);
        return waiting.watch();
    }

    @Override
    public List<Watch> watches() {
        return watches.stream().map(Waiting::watch).toList();
    }

    @Override
    public boolean unwatch(String id) {
        return watches.removeIf(waiting -> waiting.id().equals(id));
    }

    @Override
    public List<String> stored() {
        return folder == null ? List.of() : folder.ids();
    }

    /** What the kept traces take of the heap, roughly. */
    public long octets() {
        return ring.octets();
    }

    /** Writes what is not written. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warn("A trace is still being written at the end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        flush();
    }
}
