// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.lang.management.ManagementFactory;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many carriers the scheduler of virtual threads may use: as many as it began with, and one more for each that a hook
 * keeps for itself. Used by one thread.
 *
 * <p>By name, since the bean is there from Java 24 on and this is compiled for 21.
 */
final class Carriers {
    private static final Logger LOG = LoggerFactory.getLogger(Carriers.class);
    private static final String BEAN = "jdk.management:type=VirtualThreadScheduler";
    private static final String PARALLELISM = "Parallelism";
    private static final int UNKNOWN = -1;

    private int base = UNKNOWN;
    private int most;
    private volatile int extra;
    private boolean helpless;

    /** Makes so many carriers more than the scheduler began with; the log is told of each new peak. */
    void extra(int wanted) {
        if (helpless || wanted == extra) {
            return;
        }
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            ObjectName bean = new ObjectName(BEAN);
            if (base == UNKNOWN) {
                base = ((Number) server.getAttribute(bean, PARALLELISM)).intValue();
                // The scheduler makes no more threads than that, whatever its parallelism.
                most = Integer.getInteger("jdk.virtualThreadScheduler.maxPoolSize", Math.max(256, base));
            }
            int next = Math.min(wanted, most - base);
            if (next == extra) {
                return;
            }
            server.setAttribute(bean, new Attribute(PARALLELISM, base + next));
            LOG.atLevel(next > extra ? org.slf4j.event.Level.WARN : org.slf4j.event.Level.INFO)
                    .log(
                            "Virtual threads have {} carriers, {} of them in place of those that hooks keep; at most {}",
                            base + next,
                            next,
                            most);
            extra = next;
        } catch (InstanceNotFoundException e) {
            helpless = true;
            LOG.warn(
                    "This Java has no {}: each hook that spins for ever takes one carrier of virtual threads for good",
                    BEAN);
        } catch (JMException | RuntimeException e) {
            helpless = true;
            LOG.error("The number of carriers of virtual threads can not be changed", e);
        }
    }

    /** How many there are beyond those that the scheduler began with. */
    int extra() {
        return extra;
    }
}
