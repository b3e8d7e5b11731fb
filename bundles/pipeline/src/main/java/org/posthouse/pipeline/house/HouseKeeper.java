// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does all that changes plugins, one after the other, on one thread of its own. */
final class HouseKeeper implements Plugins, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HouseKeeper.class);

    private final PluginHouse house;
    private final Tenancies tenancies;
    private final Roster roster;
    private final ScheduledThreadPoolExecutor worker;

    HouseKeeper(PluginHouse house, Tenancies tenancies, Roster roster) {
        this.house = house;
        this.tenancies = tenancies;
        this.roster = roster;
        this.worker = new ScheduledThreadPoolExecutor(
                1, work -> Thread.ofPlatform().daemon().name("plugins").unstarted(work));
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        worker.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    /** Takes the plugins that are there; complete when all of them serve or were given up. */
    CompletableFuture<Void> open() {
        return CompletableFuture.runAsync(house::scan, worker);
    }

    private void sweep() {
        try {
            house.look();
        } catch (RuntimeException e) {
            LOG.error("Old generations could not be ended", e);
        }
    }

    /** Snapshots call this when a transaction lets go of the last one of an old order. */
    void idle() {
        later(() -> {
            if (tenancies.draining()) {
                house.sweep();
            }
        });
    }

    /** A service of some plugin has gone. */
    void lost() {
        later(house::inspect);
    }

    /** The rules of hooks or their order changed. */
    void ruled() {
        later(house::ruled);
    }

    /** Configurations of these plugins changed. */
    void configured(Set<String> plugins) {
        later(() -> house.configured(plugins));
    }

    private void later(Runnable work) {
        try {
            worker.execute(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    LOG.error("A change of plugins failed", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("The plugin house is closed", e);
        }
    }

    Path folder() {
        return house.folder();
    }

    /** A jar was dropped or replaced; waits until it serves or is refused. */
    void arrived(Path file) throws HouseException {
        try {
            call(() -> {
                house.arrived(file);
                return true;
            });
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HouseException known) {
                throw known;
            }
            throw new HouseException("failed: " + e.getCause(), e.getCause());
        }
    }

    /** Raises a candidate beside all that serves, for a replay alone. */
    Tenancy raise(Replays.Candidate candidate) throws PluginException {
        return verb(() -> house.raise(candidate));
    }

    /** The replay is over. */
    void lower(Tenancy candidate) {
        later(() -> tenancies.end(candidate));
    }

    /** A jar was deleted. */
    void gone(Path file) {
        later(() -> house.gone(file));
    }

    private <T> T call(Callable<T> work) throws ExecutionException {
        try {
            return worker.submit(work).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        } catch (RejectedExecutionException e) {
            throw new ExecutionException(e);
        }
    }

    @Override
    public List<Plugin> list() {
        return house.list();
    }

    @Override
    public List<HookLine> order() {
        return roster.lines();
    }

    @Override
    public void disable(String plugin) throws PluginException {
        verb(() -> {
            house.verbs().disable(plugin);
            return true;
        });
    }

    @Override
    public void enable(String plugin) throws PluginException {
        verb(() -> {
            house.verbs().enable(plugin);
            return true;
        });
    }

    @Override
    public void remove(String plugin) throws PluginException {
        verb(() -> {
            house.verbs().remove(plugin);
            return true;
        });
    }

    @Override
    public Profile inspect(Path jar) throws PluginException {
        return house.verbs().profile(jar);
    }

    @Override
    public Plugin install(Path jar) throws PluginException {
        return verb(() -> house.verbs().install(jar));
    }

    @Override
    public Profile show(String plugin) throws PluginException {
        return verb(() -> house.verbs().show(plugin));
    }

    @Override
    public Plugin rollback(String plugin) throws PluginException {
        return verb(() -> house.verbs().rollback(plugin));
    }

    @Override
    public boolean hasPrevious(String plugin) {
        return house.verbs().hasPrevious(plugin);
    }

    @Override
    public Map<String, String> troubles() throws PluginException {
        return verb(() -> house.verbs().troubles());
    }

    @Override
    public String withdrawn(String plugin) throws PluginException {
        return verb(() -> house.verbs().withdrawn(plugin));
    }

    private <T> T verb(Callable<T> work) throws PluginException {
        try {
            return call(work);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PluginException known) {
                throw known;
            }
            if (e.getCause() instanceof HouseException refused) {
                throw new PluginException(String.valueOf(refused.getMessage()));
            }
            LOG.error("A change of plugins failed", e.getCause());
            throw new PluginException("It failed: " + e.getCause());
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
        house.stop();
    }
}
