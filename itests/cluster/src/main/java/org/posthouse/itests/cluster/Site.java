// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.posthouse.testkit.server.Await;

/** The nodes of a campaign and the world around them; perhaps as one cluster. */
final class Site implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);

    final Net net;
    final List<Node> nodes = new ArrayList<>();
    private final NameServer names;
    private final NextHop hop;

    /**
     * Builds it, on the disks that an earlier one left in the folder.
     *
     * @param home the assembled server
     * @param root the source tree
     * @param folder where everything is kept
     * @param together whether they are one cluster
     * @param history where it is written what the next hop gets
     */
    Site(Path home, Path root, Path folder, int count, boolean together, History history) throws IOException {
        this.net = network(folder, count);
        try {
            names = new NameServer(net.world());
            hop = new NextHop(net.world(), history);
            Path shim = Preload.compile(root, folder);
            Path key = key(folder);
            for (int number = 1; number <= count; number++) {
                Path own = Files.createDirectories(folder.resolve("n" + number));
                Preload preload = new Preload(shim, own, number == count && Preload.clocks());
                nodes.add(new Node(home, own, net, number, preload, together));
            }
            for (Node node : nodes) {
                node.configure(configuration(node) + (together ? cluster(node, key) : ""));
            }
        } catch (IOException | RuntimeException e) {
            net.close();
            throw e;
        }
    }

    private static Net network(Path folder, int count) throws IOException {
        Path note = folder.resolve("net");
        if (Files.exists(note)) {
            Net.left(Integer.parseInt(Files.readString(note)), count).close();
        }
        Net net = Net.up(count);
        Files.writeString(note, Integer.toString(net.number()));
        return net;
    }

    private static Path key(Path folder) throws IOException {
        Path key = folder.resolve("cluster.key");
        if (!Files.exists(key)) {
            byte[] octets = new byte[32];
            new SecureRandom().nextBytes(octets);
            Files.writeString(key, Base64.getEncoder().encodeToString(octets));
        }
        return key;
    }

    private String configuration(Node node) {
        return """
                server: { hostname: %1$s.test, dataDir: "%2$s" }
                smtp:
                  feeder: { address: "%3$s:%4$d", profile: relay, trusted: ["%5$s/24"], maxRecipients: 20000, maxConnectionsPerIp: 2000 }
                dns: { servers: ["%5$s:%6$d"], timeout: 2s }
                queue: { retry: "1s,2s*20,5s", expire: 5d }
                routes: { all: { domains: ["*"], relay: "smtp://%7$s:%8$d" } }
                http: { address: "%3$s:12080" }
                metrics: { address: "%3$s:9090" }
                spool: { minFree: 48MB }
                events: { size: 1GB }
                """.formatted(
                        node.name,
                        node.data(),
                        node.address,
                        Node.SMTP,
                        net.world(),
                        NameServer.PORT,
                        NameServer.NEXT_HOP,
                        NextHop.PORT);
    }

    private String cluster(Node node, Path key) {
        String members =
                nodes.stream().map(n -> n.name + ": \"" + n.address + ":5701\"").collect(Collectors.joining(", "));
        return """
                cluster:
                  name: campaign
                  self: %s
                  members: { %s }
                  keys: ["%s"]
                  copies: 2
                """.formatted(node.name, members, key);
    }

    Node node(int number) {
        return nodes.get(number - 1);
    }

    /** Starts those that do not run, and waits until all of them take mail. */
    void start() {
        nodes.stream().filter(n -> !n.alive()).forEach(Node::start);
        for (Node node : nodes) {
            Await.until("the banner of " + node.name + ", see " + node.log(), START, () -> greeted(node));
        }
    }

    private static boolean greeted(Node node) {
        if (!node.alive()) {
            throw new AssertionError(node.name + " ended, see " + node.log());
        }
        return node.greets();
    }

    /** Ends all processes; the disks stay. */
    @Override
    public void close() {
        nodes.forEach(Node::kill);
        nodes.forEach(n -> n.disk.remove());
        names.close();
        hop.close();
        net.close();
    }
}
