// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;

/** A vault in heap that can fall sick. */
final class MapVault implements Vault {
    final Map<String, Item> items = new ConcurrentHashMap<>();
    final AtomicInteger synced = new AtomicInteger();
    final AtomicInteger unsynced = new AtomicInteger();
    volatile boolean sick;
    volatile Count count = new Count(0, 0);

    private void well() throws SpoolException {
        if (sick) {
            throw new SpoolException(SpoolException.Kind.SICK, "A test");
        }
    }

    @Override
    public Optional<Item> get(String table, String key) throws SpoolException {
        well();
        return Optional.ofNullable(items.get(table + "/" + key));
    }

    @Override
    public List<Item> scan(String table, String after, int most) {
        throw new UnsupportedOperationException("Nobody scans");
    }

    @Override
    public Page walk(byte[] from, int most) throws SpoolException {
        well();
        return new Page(List.copyOf(items.values()), new byte[0]);
    }

    @Override
    public void write(List<Entry> entries, boolean sync) throws SpoolException {
        well();
        if (!entries.isEmpty()) {
            (sync ? synced : unsynced).incrementAndGet();
        }
        for (Entry entry : entries) {
            String name = entry.table() + "/" + entry.key();
            if (entry instanceof Item item) {
                items.put(name, item);
            } else {
                items.remove(name);
            }
        }
    }

    @Override
    public Count counted(String prefix) {
        return count;
    }
}
