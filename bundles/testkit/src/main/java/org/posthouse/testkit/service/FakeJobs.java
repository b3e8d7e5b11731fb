// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.service;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.posthouse.api.service.Jobs;

/** Keeps the work that a plugin wants done, until the test does it. */
public final class FakeJobs implements Jobs {
    private final Map<String, Runnable> work = new ConcurrentSkipListMap<>();

    @Override
    public AutoCloseable every(String name, Duration period, Runnable task) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("job " + name + " every " + period);
        }
        work.put(name, task);
        return () -> work.remove(name, task);
    }

    /** The names of the jobs whose handles are open. */
    public List<String> names() {
        return List.copyOf(work.keySet());
    }

    /** One period has passed: does all the work once. */
    public void run() {
        work.values().forEach(Runnable::run);
    }
}
