// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.text;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What was read out of texts before, so that the record of a domain is not read anew for each of its messages. What is read out
 * of a text depends on the text alone and does not change, so nothing here is ever out of date.
 *
 * @param <V> what is read
 */
public final class Readings<V> {
    /** What is counted for a reading beside its text. */
    private static final int EACH = 2048;

    private final Function<String, V> reading;
    private final long most;
    private final Map<String, V> known = new LinkedHashMap<>(16, 0.75f, true);
    private long octets;

    /**
     * Nothing is read yet.
     *
     * @param most about how many octets are kept; what was not asked for the longest time goes
     */
    public Readings(long most, Function<String, V> reading) {
        this.most = most;
        this.reading = reading;
    }

    /** What stands in this text. */
    public V of(String text) {
        V found = known(text);
        if (found == null) {
            // Not under the lock: strangers write the texts, and choose what reading them costs.
            found = reading.apply(text);
            keep(text, found);
        }
        return found;
    }

    private synchronized @Nullable V known(String text) {
        return known.get(text);
    }

    private synchronized void keep(String text, V found) {
        if (known.put(text, found) == null) {
            octets += weight(text);
        }
        Iterator<String> longest = known.keySet().iterator();
        while (octets > most && longest.hasNext()) {
            octets -= weight(longest.next());
            longest.remove();
        }
    }

    /** A character can take two octets. */
    private static long weight(String text) {
        return EACH + 2L * text.length();
    }

    synchronized int size() {
        return known.size();
    }
}
