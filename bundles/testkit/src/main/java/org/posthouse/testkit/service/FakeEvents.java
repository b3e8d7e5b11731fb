// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.service;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.posthouse.api.Event;
import org.posthouse.api.service.Events;

/** The event log in memory: what a test says has happened. */
public final class FakeEvents implements Events {
    private final List<Event> all = new CopyOnWriteArrayList<>();

    /** It happened. */
    public FakeEvents happened(Event event) {
        all.add(event);
        return this;
    }

    @Override
    public Page read(String cursor, int most) {
        int from = cursor.isEmpty() ? 0 : Integer.parseInt(cursor);
        int to = Math.min(all.size(), from + most);
        return new Page(all.subList(from, to), String.valueOf(to), 0);
    }
}
