// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.posthouse.spool.spi.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The condition of the spool, put together from the health of the store and the space that is left. */
final class Conditions {
    private static final Logger LOG = LoggerFactory.getLogger(Conditions.class);

    private final List<Consumer<Spool.Condition>> listeners = new CopyOnWriteArrayList<>();
    private volatile Spool.Condition now = Spool.Condition.GOOD;
    private String sickness = "";
    private String shortage = "";

    Spool.Condition now() {
        return now;
    }

    AutoCloseable listen(Consumer<Spool.Condition> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** The store fails, for this reason; empty when it works. */
    synchronized void sickness(String reason) {
        sickness = reason;
        publish();
    }

    /** Space is short, for this reason; empty when there is enough. */
    synchronized void shortage(String reason) {
        shortage = reason;
        publish();
    }

    private void publish() {
        Spool.Condition next = new Spool.Condition(
                sickness.isEmpty() && shortage.isEmpty(), sickness.isEmpty(), sickness.isEmpty() ? shortage : sickness);
        if (next.equals(now)) {
            return;
        }
        now = next;
        for (Consumer<Spool.Condition> listener : listeners) {
            try {
                listener.accept(next);
            } catch (RuntimeException e) {
                LOG.error("A listener failed on the condition {}", next, e);
            }
        }
    }
}
