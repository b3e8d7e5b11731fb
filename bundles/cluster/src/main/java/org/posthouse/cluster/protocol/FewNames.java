// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Names of members, a few at most: a set that takes no more room than these, for there is one for each message. */
final class FewNames extends AbstractSet<String> {
    private List<String> names = List.of();

    @Override
    public boolean add(String name) {
        if (names.contains(name)) {
            return false;
        }
        List<String> next = new ArrayList<>(names);
        next.add(name);
        names = List.copyOf(next);
        return true;
    }

    @Override
    public boolean remove(Object name) {
        if (!names.contains(name)) {
            return false;
        }
        names = names.stream().filter(n -> !n.equals(name)).toList();
        return true;
    }

    @Override
    public boolean contains(Object name) {
        return names.contains(name);
    }

    @Override
    public void clear() {
        names = List.of();
    }

    /** As they are now; takes nothing out. */
    @Override
    public Iterator<String> iterator() {
        return names.iterator();
    }

    @Override
    public int size() {
        return names.size();
    }
}
