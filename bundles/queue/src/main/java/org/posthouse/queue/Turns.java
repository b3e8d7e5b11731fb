// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Parcel;

/**
 * The parcels that wait for one site, handed out in turn: one tenant after the other, and within a tenant four urgent and
 * three normal to one low, so that nothing starves. Guarded by the yard.
 */
final class Turns {
    private static final int[] ORDER = {0, 1, 0, 1, 0, 1, 0, 2};

    private final Map<String, Tenant> tenants = new LinkedHashMap<>();
    private int size;

    /** What waits for one tenant. */
    private static final class Tenant {
        private final List<Deque<Parcel>> classes = List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
        private int turn;
        private int size;

        Parcel poll() {
            int wanted = ORDER[turn];
            turn = (turn + 1) % ORDER.length;
            size--;
            Parcel parcel = classes.get(wanted).poll();
            for (int i = 0; parcel == null; i++) {
                parcel = classes.get(i).poll();
            }
            return parcel;
        }
    }

    void add(Parcel parcel) {
        var routing = parcel.message().envelope().routing();
        Tenant tenant = tenants.computeIfAbsent(routing.tenant(), name -> new Tenant());
        tenant.classes
                .get(routing.priority() > 0 ? 0 : routing.priority() == 0 ? 1 : 2)
                .add(parcel);
        tenant.size++;
        size++;
    }

    @Nullable
    Parcel poll() {
        Iterator<Map.Entry<String, Tenant>> first = tenants.entrySet().iterator();
        if (!first.hasNext()) {
            return null;
        }
        Map.Entry<String, Tenant> next = first.next();
        first.remove();
        Tenant tenant = next.getValue();
        Parcel parcel = tenant.poll();
        size--;
        if (tenant.size > 0) {
            tenants.put(next.getKey(), tenant);
        }
        return parcel;
    }

    List<Parcel> drain() {
        List<Parcel> all = new ArrayList<>(size);
        for (Parcel parcel = poll(); parcel != null; parcel = poll()) {
            all.add(parcel);
        }
        return all;
    }

    int size() {
        return size;
    }
}
