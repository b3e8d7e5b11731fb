// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.posthouse.cluster.disk.Disks;
import org.posthouse.cluster.settings.ClusterSettings;
import org.posthouse.cluster.settings.Socket;
import org.posthouse.queue.Post;
import org.posthouse.spool.Disk;
import org.posthouse.testkit.server.Ports;

/** Three members in one process, over loopback and the Hazelcast that ships, each with a spool and a queue. */
final class Trio {
    static final List<String> NAMES = List.of("a", "b", "c");

    final Map<String, ClusterNode> nodes = new HashMap<>();
    final Map<String, SimpleMeterRegistry> meters = new HashMap<>();
    private final Path folder;
    private final Map<String, Socket> members = new LinkedHashMap<>();
    private final Map<String, Deque<AutoCloseable>> closing = new HashMap<>();

    Trio(Path folder) throws IOException {
        this.folder = folder;
        System.setProperty("hazelcast.logging.type", "slf4j");
        for (String name : NAMES) {
            members.put(name, new Socket("127.0.0.1", Ports.free()));
        }
        key("key", 1);
        key("other", 2);
    }

    private void key(String name, int seed) throws IOException {
        byte[] octets = new byte[32];
        new Random(seed).nextBytes(octets);
        Files.writeString(folder.resolve(name), Base64.getEncoder().encodeToString(octets));
    }

    /** Starts a member with one of the keys {@code key} and {@code other}. */
    ClusterNode start(String name, String key) throws IOException {
        ClusterSettings settings = new ClusterSettings(
                "test-" + folder.getFileName(),
                members,
                Set.of(),
                name,
                members.get(name),
                false,
                List.of(folder.resolve(key)),
                2,
                true,
                false,
                false);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Disk disk = disk(name);
        ClusterNode node = new ClusterNode(settings, disk.spool(), disk.records(), disk.copies(), registry);
        Post post = new Post(disk.spool(), node.custodian(), (message, recipient) -> {});
        closing.get(name).push(post);
        closing.get(name).push(node);
        nodes.put(name, node);
        meters.put(name, registry);
        node.serve(post.holdings());
        return node;
    }

    /** A disk on which this node has lived before: an empty one would ask the others for 10 s. */
    private Disk disk(String name) throws IOException {
        Disk disk = new Disk(folder.resolve("disk-" + name));
        if (disk.records().members().isEmpty()) {
            Disks.lived(disk.spool(), name);
        }
        closing.computeIfAbsent(name, n -> new ArrayDeque<>()).push(disk);
        return disk;
    }

    /** Stops a member without a word. */
    void stop(String name) throws Exception {
        for (AutoCloseable one : closing.remove(name)) {
            one.close();
        }
        nodes.remove(name);
    }

    /** Stops all that run. */
    void close() throws Exception {
        for (String name : List.copyOf(closing.keySet())) {
            stop(name);
        }
    }
}
