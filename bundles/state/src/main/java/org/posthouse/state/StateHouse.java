// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.ComponentContext;
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
import org.posthouse.api.config.Unit;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Commons;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands behind the state, the limits and the jobs of all bundles. It outlives the spool and whatever else stands
 * behind it, so that plugins never rebind.
 */
@Component(service = StateHouse.class, configurationPid = "state", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = StateHouse.Config.class)
public final class StateHouse {
    /** The key {@code state}. */
    @ObjectClassDefinition(name = "State", description = "What plugins keep and share: tables, counters, limits.")
    @interface Config {
        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "16MB",
                min = "100kB",
                description = "Heap for what is used; the rest is read from the spool when it is asked for."
                        + " As much again may wait to be written.")
        long cache();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "100ms",
                min = "10ms",
                max = "1s",
                description = "How long a change may wait until it is written and synced;"
                        + " counters and limits are written, not synced, after five times as long.")
        long delay();

        @AttributeDefinition(
                defaultValue = "1000000",
                min = "1000",
                description = "Limits kept at once; keys that come in beyond share limits among themselves.")
        long limits();
    }

    private static final Logger LOG = LoggerFactory.getLogger(StateHouse.class);
    private static final int LIMITS_AFTER = 5;
    private static final String CLUSTER = "org.posthouse.cluster";

    private final MeterRegistry meters;
    private final List<Meter> gauges;
    private final Counter reads;
    private final Counter failed;
    private final Clock clock;
    private final Cells cells;
    private final Crowd crowd;
    private final Scratches scratches;
    private final JobBoard jobs = new JobBoard();
    private final Thread writer;
    private final HybridTime time;
    private final Ending ending = new Ending();
    private final HouseState local = new HouseState(this);
    private final boolean member;
    private volatile @Nullable Commons commons;
    private volatile long delay;
    private volatile boolean closed;
    private volatile @Nullable Vault vault;

    @Activate
    public StateHouse(@Reference MeterRegistry meters, Config config, BundleContext context) {
        this(meters, new Clock(), config.cache(), config.delay(), config.limits(), inCluster(context));
    }

    StateHouse(MeterRegistry meters, Clock clock, long cache, long delay, long limits) {
        this(meters, clock, cache, delay, limits, false);
    }

    StateHouse(MeterRegistry meters, Clock clock, long cache, long delay, long limits, boolean member) {
        this.meters = meters;
        this.member = member;
        this.time = new HybridTime(clock::millis);
        this.clock = clock;
        this.delay = delay;
        this.cells = new Cells(new Behind(), clock, cache);
        this.crowd = new Crowd(this::counted, limits);
        this.scratches = new Scratches(clock);
        this.reads = Counter.builder("posthouse.state.reads")
                .description("Values of shared state read from the spool")
                .register(meters);
        this.failed = Counter.builder("posthouse.state.failures")
                .description("Failed attempts to write shared state; what waits is written later")
                .register(meters);
        this.gauges = List.of(
                reads,
                failed,
                Gauge.builder("posthouse.state.waiting", cells, Cells::unwritten)
                        .description("Changes of shared state that wait to be written")
                        .baseUnit("bytes")
                        .register(meters));
        this.writer = Thread.ofPlatform().name("state-write").daemon().start(this::run);
    }

    /** The cluster's bundle is only installed where there is one; it may come later than what asks for limits. */
    private static boolean inCluster(BundleContext context) {
        return Arrays.stream(context.getBundles()).anyMatch(b -> CLUSTER.equals(b.getSymbolicName()));
    }

    /** The namespace of the bundle that uses a service. */
    static String owner(ComponentContext context) {
        // Null only of a bundle that is gone, and then nobody asks.
        return Objects.requireNonNullElse(context.getUsingBundle().getSymbolicName(), "unnamed");
    }

    @Modified
    void modified(Config config) {
        cells.limit(config.cache());
        crowd.limit(config.limits());
        delay = config.delay();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void addVault(Vault added) {
        vault = added;
        mark(added);
    }

    void removeVault(Vault removed) {
        if (vault == removed) {
            end(removed);
            vault = null;
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void addCommons(Commons added) {
        cells.share(new Stamper(added.self(), time, clock), added::written);
        added.open(local);
        commons = added;
    }

    void removeCommons(Commons removed) {
        if (commons == removed) {
            commons = null;
            cells.share(new Stamper(removed.self(), time, clock), items -> {});
            removed.close(local);
        }
    }

    private void mark(Vault now) {
        try {
            if (member) {
                ending.begin(now);
            }
        } catch (SpoolException e) {
            LOG.debug("That a life began is noted when the spool works", e);
        }
    }

    private void end(Vault now) {
        try {
            if (flush(true) && member) {
                ending.end(now);
            }
        } catch (SpoolException e) {
            LOG.warn("That all is written can not be noted: the next start takes limits to be spent", e);
        }
    }

    @Deactivate
    void close() throws InterruptedException {
        closed = true;
        writer.interrupt();
        writer.join();
        Vault now = vault;
        if (now == null) {
            flush(true);
        } else {
            end(now);
        }
        gauges.forEach(meters::remove);
    }

    private void run() {
        int turn = 0;
        while (!closed) {
            try {
                Thread.sleep(delay);
            } catch (InterruptedException e) {
                // Only the end interrupts, and it writes the rest itself.
                return;
            }
            turn = (turn + 1) % LIMITS_AFTER;
            Vault now = vault;
            if (now != null) {
                flush(turn == 0);
                if (member && !ending.marked()) {
                    mark(now);
                }
            }
        }
    }

    private boolean flush(boolean all) {
        try {
            cells.flush(all);
            return true;
        } catch (SpoolException e) {
            failed.increment();
            LOG.debug("Shared state is written when the spool works again", e);
        } catch (RuntimeException | Error e) {
            // Errors too: without this thread nothing would ever be written.
            failed.increment();
            LOG.error("Shared state could not be written", e);
        }
        return false;
    }

    private Vault.Count counted() {
        Vault now = vault;
        return now == null ? new Vault.Count(0, 0) : now.counted(Space.Kind.LIMITS.prefix());
    }

    Clock clock() {
        return clock;
    }

    Cells cells() {
        return cells;
    }

    /** Cells for one replay. */
    Cells scratch(HookScope scope) {
        return scratches.of(scope);
    }

    Crowd crowd() {
        return crowd;
    }

    /** Whether this server is to be part of a cluster. */
    boolean member() {
        return member;
    }

    /** The cluster, when it is there. */
    @Nullable
    Commons commons() {
        // Before it stands in the vault that this life has begun, a crash would go unnoticed.
        return ending.marked() ? commons : null;
    }

    /** Whether what is done once per cluster is done here. */
    boolean leads() {
        Commons now = commons;
        return now == null ? !member : now.leads();
    }

    Ending ending() {
        return ending;
    }

    Vault vault() throws SpoolException {
        Vault now = vault;
        if (now == null) {
            throw new SpoolException(SpoolException.Kind.SICK, "The spool is not open");
        }
        return now;
    }

    JobBoard jobs() {
        return jobs;
    }

    MeterRegistry meters() {
        return meters;
    }

    /** Something that a hook in shadow or replay wanted to happen did not. */
    void withheld(HookScope scope, String service, String what) {
        LOG.debug("In {} {} would have used {}: {}", scope.mode(), scope.plugin(), service, what);
        Counter.builder("posthouse.state.withheld")
                .description("Mail and jobs of hooks in shadow or replay that were recorded only")
                .tag("service", service)
                .tag("plugin", scope.plugin())
                .register(meters)
                .increment();
    }

    /** The vault, as long as there is one. */
    private final class Behind implements Cells.Backing {
        @Override
        public Optional<Vault.Item> get(String table, String key) throws SpoolException {
            reads.increment();
            return vault().get(table, key);
        }

        @Override
        public void write(List<Vault.Entry> entries, boolean synced) throws SpoolException {
            vault().write(entries, synced);
        }
    }
}
