// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.posthouse.spool.spi.MessageId;

/** Records that go with a change that somebody else commits. */
public final class Captured {
    private final Set<MessageId> ids = new LinkedHashSet<>();
    private final List<Runnable> synced = new ArrayList<>();

    Captured() {}

    void add(List<MessageId> records, Runnable then) {
        ids.addAll(records);
        synced.add(then);
    }

    /** Of which messages. */
    public List<MessageId> ids() {
        return List.copyOf(ids);
    }

    List<Runnable> synced() {
        return List.copyOf(synced);
    }
}
