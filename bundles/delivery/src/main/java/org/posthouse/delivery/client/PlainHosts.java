// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Hosts whose STARTTLS was found broken lately: asked again only after a while (RFC 7435 3). */
public final class PlainHosts {
    private static final int MOST = 10_000;

    private final Map<String, Long> until = new ConcurrentHashMap<>();
    private final long keep;

    public PlainHosts(Duration keep) {
        this.keep = keep.toNanos();
    }

    void add(String host) {
        long now = System.nanoTime();
        if (until.size() >= MOST) {
            until.values().removeIf(end -> end - now < 0);
        }
        if (until.size() < MOST) {
            until.put(host, now + keep);
        }
    }

    boolean contains(String host) {
        Long end = until.get(host);
        if (end != null && end - System.nanoTime() < 0) {
            until.remove(host, end);
            return false;
        }
        return end != null;
    }
}
