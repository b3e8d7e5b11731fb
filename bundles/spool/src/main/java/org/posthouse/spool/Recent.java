// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;

/**
 * What was committed a moment ago, bounded in octets; spares the read for mail that is delivered at once and is never
 * needed for correctness. Only the committer adds to it.
 *
 * @param <T> what is kept
 */
final class Recent<T> {
    private record Entry<T>(T value, long weight) {}

    private final Map<MessageId, Entry<T>> entries = new LinkedHashMap<>();
    private final long most;
    private long weight;

    Recent(long most) {
        this.most = most;
    }

    synchronized @Nullable T get(MessageId id) {
        Entry<T> entry = entries.get(id);
        return entry == null ? null : entry.value();
    }

    synchronized void put(MessageId id, T value, long size) {
        remove(id);
        entries.put(id, new Entry<>(value, size));
        weight += size;
        var oldest = entries.entrySet().iterator();
        while (weight > most && oldest.hasNext()) {
            weight -= oldest.next().getValue().weight();
            oldest.remove();
        }
    }

    /** Replaces what is kept of this message, if anything is. */
    synchronized void change(MessageId id, UnaryOperator<T> change) {
        entries.computeIfPresent(id, (key, entry) -> new Entry<>(change.apply(entry.value()), entry.weight()));
    }

    synchronized void remove(MessageId id) {
        Entry<T> old = entries.remove(id);
        weight -= old == null ? 0 : old.weight();
    }

    synchronized void clear() {
        entries.clear();
        weight = 0;
    }
}
