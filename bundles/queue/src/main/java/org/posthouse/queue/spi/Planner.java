// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import org.posthouse.api.Outcome;
import org.posthouse.api.Route;
import org.posthouse.spool.spi.Spool;

/** Tells where recipients go now; implemented by delivery. Asked again at every attempt, on a virtual thread. */
public interface Planner {
    /** Routes these recipients (by number) and groups those that can share a transaction. */
    Plan plan(Spool.Stored message, List<Integer> recipients);

    /**
     * What became of the routing.
     *
     * @param loads recipients that can be carried
     * @param settled recipients that are decided without a connection: no route, null MX, DNS trouble
     */
    record Plan(List<Load> loads, List<Settled> settled) {
        public Plan {
            loads = List.copyOf(loads);
            settled = List.copyOf(settled);
        }
    }

    /** Recipients with one route to one site. */
    record Load(Site site, Route route, List<Integer> recipients) {
        public Load {
            recipients = List.copyOf(recipients);
        }
    }

    /** A recipient that is decided. */
    record Settled(int recipient, Outcome outcome) {}

    /**
     * A set of hosts that is served as one: the key of ready queues, connections and permits.
     *
     * @param key unique: agent, zone and the hosts in order
     * @param name for people
     */
    record Site(String key, String name) {}
}
