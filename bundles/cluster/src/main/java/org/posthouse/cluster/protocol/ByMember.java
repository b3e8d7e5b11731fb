// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Something of each of a few members: a map that takes no more room than these, for there is one for each message. */
final class ByMember<V> extends AbstractMap<String, V> {
    private List<Map.Entry<String, V>> entries = List.of();

    @Override
    public @Nullable V get(Object member) {
        for (Map.Entry<String, V> entry : entries) {
            if (entry.getKey().equals(member)) {
                return entry.getValue();
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(Object member) {
        return get(member) != null;
    }

    @Override
    public @Nullable V put(String member, V value) {
        V before = get(member);
        if (!value.equals(before)) {
            List<Map.Entry<String, V>> next = without(member);
            next.add(Map.entry(member, value));
            entries = List.copyOf(next);
        }
        return before;
    }

    @Override
    public @Nullable V remove(Object member) {
        V before = get(member);
        if (before != null) {
            entries = List.copyOf(without(member));
        }
        return before;
    }

    private List<Map.Entry<String, V>> without(Object member) {
        List<Map.Entry<String, V>> next = new ArrayList<>(entries.size() + 1);
        entries.stream().filter(e -> !e.getKey().equals(member)).forEach(next::add);
        return next;
    }

    @Override
    public void clear() {
        entries = List.of();
    }

    /** As it is now; takes nothing out. */
    @Override
    public Set<Map.Entry<String, V>> entrySet() {
        List<Map.Entry<String, V>> now = entries;
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, V>> iterator() {
                return now.iterator();
            }

            @Override
            public int size() {
                return now.size();
            }
        };
    }
}
