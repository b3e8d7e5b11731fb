// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.service;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.posthouse.api.Event;

/** The durable event log, read by a cursor of one's own; bounded by size and age. */
@ProviderType
public interface Events {
    /**
     * The events behind a cursor.
     *
     * @param cursor where the last page ended; empty for the oldest kept
     * @param most at most so many, 1 to 10000
     */
    Page read(String cursor, int most);

    /**
     * A page of events.
     *
     * @param events in order
     * @param cursor where the next page begins
     * @param lost how many events between the given cursor and the first one were dropped by the bounds
     */
    record Page(List<Event> events, String cursor, long lost) {
        public Page {
            events = List.copyOf(events);
        }
    }
}
