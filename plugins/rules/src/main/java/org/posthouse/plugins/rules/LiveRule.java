// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.posthouse.conditions.Scene;

/** A rule in force, with the hits that are not on the shelf yet. */
final class LiveRule {
    private final Rule rule;
    private final String id;
    private final LongAdder hits = new LongAdder();
    private volatile long lastHit;
    private volatile long end;

    LiveRule(Rule rule) {
        this.rule = rule;
        this.id = rule.id();
        this.end = own();
    }

    Rule rule() {
        return rule;
    }

    /** Sets when it ends at the latest; its own end may come before. */
    void endsAt(Instant latest) {
        end = Math.min(latest.toEpochMilli(), own());
    }

    private long own() {
        return rule.until().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
    }

    boolean applies(Scene scene, long nowMillis) {
        return nowMillis < end && rule.condition().holds(scene);
    }

    void hit(long nowMillis) {
        hits.increment();
        lastHit = nowMillis;
    }

    /** Puts the new hits onto the shelf; those that it does not take are kept for the next time. */
    void shelve(Shelf shelf) {
        long count = hits.sumThenReset();
        if (count == 0) {
            return;
        }
        try {
            shelf.hit(id, count, lastHit);
        } catch (RuntimeException e) {
            hits.add(count);
            throw e;
        }
    }
}
