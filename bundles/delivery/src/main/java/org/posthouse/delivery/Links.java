// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import org.jspecify.annotations.Nullable;
import org.posthouse.api.Route;
import org.posthouse.delivery.client.Dialer;
import org.posthouse.delivery.client.Link;
import org.posthouse.delivery.client.Unreached;
import org.posthouse.delivery.route.HopFinder;

/** The one connection a lane, or a single errand, has at a time. */
final class Links implements AutoCloseable {
    private final Dialer dialer;
    private final HopFinder finder;
    private final DeliveryMeters meters;
    private @Nullable Link link;

    Links(Dialer dialer, HopFinder finder, DeliveryMeters meters) {
        this.dialer = dialer;
        this.finder = finder;
        this.meters = meters;
    }

    /** The connection that stands, or a new one to the hosts behind the route. */
    Link get(Route route) throws Unreached, InterruptedException {
        Link current = link;
        if (current != null && current.isOpen()) {
            meters.reused();
            current.again();
            return current;
        }
        return renew(route);
    }

    /** A new connection. */
    Link renew(Route route) throws Unreached, InterruptedException {
        close();
        Link fresh = switch (finder.find(route)) {
            case HopFinder.Found.Hosts hosts -> dialer.dial(hosts.hop());
            case HopFinder.Found.Decided decided -> throw new Unreached(decided.reply(), "");
            case HopFinder.Found.Agent agent ->
                throw new IllegalStateException("Agents make their own connections: " + route);
        };
        meters.opened();
        link = fresh;
        return fresh;
    }

    /** Whether a connection stands. */
    boolean open() {
        return link != null && link.isOpen();
    }

    /** Takes leave when the connection carried so many messages. */
    void retire(int most) {
        if (link != null && link.transactions() >= most) {
            close();
        }
    }

    /** Ends the connection without a word: nobody knows where it stands. */
    void drop() {
        if (link != null) {
            link.drop();
            link = null;
        }
    }

    @Override
    public void close() {
        if (link != null) {
            link.quit();
            link = null;
        }
    }
}
