// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;
import org.posthouse.api.service.Jobs;
import org.posthouse.pipeline.spi.HookScope;

/** The jobs of one bundle; they end with it at the latest. */
@Component(service = Jobs.class, scope = ServiceScope.BUNDLE)
public final class PluginJobs implements Jobs {
    private final StateHouse house;
    private final String owner;
    private final Set<Job> running = ConcurrentHashMap.newKeySet();

    @Activate
    public PluginJobs(@Reference StateHouse house, ComponentContext context) {
        this(house, StateHouse.owner(context));
    }

    PluginJobs(StateHouse house, String owner) {
        this.house = house;
        this.owner = owner;
    }

    @Override
    public AutoCloseable every(String name, Duration period, Runnable work) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("The period of a job must be positive: " + period);
        }
        HookScope scope = HookScope.now();
        if (scope != null) {
            house.withheld(scope, "jobs", name + " every " + period);
            return () -> {};
        }
        Job job = new Job(house, owner, name, period, () -> run(name, work), running::remove);
        running.add(job);
        job.start();
        return job;
    }

    /** Registered in earnest, for the hooks of a plugin may leave shadow mode at any time. */
    private void run(String name, Runnable work) {
        HookScope scope = HookScope.of(owner);
        if (scope == null) {
            work.run();
        } else {
            house.withheld(scope, "jobs", "a run of " + name);
        }
    }

    @Deactivate
    void close() {
        running.forEach(Job::close);
    }
}
