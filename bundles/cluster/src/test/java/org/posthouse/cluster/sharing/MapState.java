// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.sharing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Limiter;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Kept;
import org.posthouse.state.spi.LocalState;
import org.posthouse.state.spi.Stamp;

/** What a node keeps, in heap: the later of two values stays. */
public final class MapState implements LocalState {
    private static final Instant NEVER = Instant.ofEpochMilli(4_000_000_000_000L);

    private final TreeMap<String, Vault.Item> items = new TreeMap<>();
    private final Map<String, Kept.Fill> limits = new ConcurrentHashMap<>();
    private volatile boolean remembers = true;

    /** An item with a stamp. */
    public static Vault.Item item(String key, long time, String node, String value) {
        byte[] name = node.getBytes(StandardCharsets.UTF_8);
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return new Vault.Item(
                "t:test:table",
                key,
                ByteBuffer.allocate(9 + name.length + text.length)
                        .putLong(time)
                        .put((byte) name.length)
                        .put(name)
                        .put(text)
                        .array(),
                NEVER);
    }

    /** The value under a key. */
    public synchronized String value(String key) {
        Vault.Item item = items.get(key);
        if (item == null) {
            return "";
        }
        byte[] octets = item.value();
        int from = 9 + octets[8];
        return new String(octets, from, octets.length - from, StandardCharsets.UTF_8);
    }

    synchronized List<String> all() {
        return items.values().stream().map(i -> i.key() + stamp(i)).toList();
    }

    /** From now on it is not known what was granted before. */
    public void forget() {
        remembers = false;
        limits.clear();
    }

    @Override
    public long now() {
        return System.nanoTime();
    }

    @Override
    public boolean remembers() {
        return remembers;
    }

    @Override
    public Optional<Kept> limit(String name, Limiter.Rate rate) {
        return Optional.of(kept(name));
    }

    /** Where a limit is kept. */
    public Kept kept(String name) {
        return new Kept() {
            @Override
            public @Nullable Fill read() {
                return limits.get(name);
            }

            @Override
            public void write(Fill fill, long life) {
                limits.put(name, fill);
            }
        };
    }

    @Override
    public synchronized Vault.Page shared(byte[] from, int most) {
        List<Vault.Item> page = new ArrayList<>();
        String mark = new String(from, StandardCharsets.UTF_8);
        for (Vault.Item item : items.tailMap(mark, true).values()) {
            if (page.size() == most) {
                return new Vault.Page(page, item.key().getBytes(StandardCharsets.UTF_8));
            }
            page.add(item);
        }
        return new Vault.Page(page, new byte[0]);
    }

    @Override
    public Stamp stamp(Vault.Item item) {
        ByteBuffer in = ByteBuffer.wrap(item.value());
        long time = in.getLong();
        byte[] name = new byte[in.get()];
        in.get(name);
        return new Stamp(time, new String(name, StandardCharsets.UTF_8));
    }

    @Override
    public synchronized int merge(List<Vault.Item> told) {
        int changed = 0;
        for (Vault.Item item : told) {
            Vault.Item old = items.get(item.key());
            if (old == null || stamp(item).compareTo(stamp(old)) > 0) {
                items.put(item.key(), item);
                changed++;
            }
        }
        return changed;
    }
}
