// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The keys of the cluster: the first one seals, each of them opens. So a key is changed by three rounds over the members:
 * add the new one behind the old one, put it first, take the old one away.
 */
public final class KeyRing {
    private final ClusterKey first;
    private final Map<Integer, ClusterKey> byHint = new LinkedHashMap<>();

    KeyRing(List<ClusterKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("no key");
        }
        this.first = keys.getFirst();
        keys.forEach(key -> byHint.putIfAbsent(key.hint(), key));
    }

    /** A ring of one key. */
    public static KeyRing of(byte[] key) {
        return new KeyRing(List.of(new ClusterKey(key)));
    }

    /**
     * Reads the keys of these files.
     *
     * @throws IOException when one can not be read; the message names it
     */
    public static KeyRing read(List<Path> files) throws IOException {
        List<ClusterKey> keys = new ArrayList<>();
        for (Path file : files) {
            keys.add(ClusterKey.read(file));
        }
        return new KeyRing(keys);
    }

    ClusterKey first() {
        return first;
    }

    Optional<ClusterKey> find(int hint) {
        return Optional.ofNullable(byHint.get(hint));
    }

    /** The hints of the keys, the first one first. */
    @Override
    public String toString() {
        return byHint.keySet().stream().map(ClusterKey::name).collect(Collectors.joining(", "));
    }
}
