// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

/**
 * A network namespace for each node, all on one bridge whose own side is the world: load, next hop, name server.
 *
 * <p>Links are cut by a wrong permanent entry for a neighbour: what is sent leaves and nobody takes it, as when a network
 * fails, with no error to the sender.
 */
final class Net implements AutoCloseable {
    private static final int MOST = 100;

    private final int number;
    private final int nodes;

    private Net(int number, int nodes) {
        this.number = number;
        this.nodes = nodes;
    }

    /** Makes one that nobody else has. */
    static Net up(int nodes) {
        for (int number = 0; number < MOST; number++) {
            if (Shell.tried("ip", "link", "add", bridge(number), "type", "bridge")) {
                Net net = new Net(number, nodes);
                net.build();
                return net;
            }
        }
        throw new IllegalStateException("no free number for a bridge: ip link show type bridge");
    }

    /** One that an earlier driver made. */
    static Net left(int number, int nodes) {
        return new Net(number, nodes);
    }

    private void build() {
        Shell.run("ip", "addr", "add", world() + "/24", "dev", bridge(number));
        Shell.run("ip", "link", "set", bridge(number), "up");
        for (int node = 1; node <= nodes; node++) {
            String space = space(node);
            Shell.run("ip", "netns", "add", space);
            Shell.run("ip", "link", "add", cable(node), "type", "veth", "peer", "name", "eth0", "netns", space);
            Shell.run("ip", "link", "set", cable(node), "master", bridge(number), "up");
            Shell.run("ip", "-n", space, "addr", "add", address(node) + "/24", "dev", "eth0");
            Shell.run("ip", "-n", space, "link", "set", "eth0", "up");
            Shell.run("ip", "-n", space, "link", "set", "lo", "up");
        }
    }

    private static String bridge(int number) {
        return "phb" + number;
    }

    private String cable(int node) {
        return "phv" + number + "n" + node;
    }

    /** The name of the namespace of a node. */
    String space(int node) {
        return "ph" + number + "n" + node;
    }

    int number() {
        return number;
    }

    String world() {
        return "10.79." + number + ".1";
    }

    String address(int node) {
        return "10.79." + number + "." + (10 + node);
    }

    /** What one node sends to the other is lost; it still hears it. */
    void deafen(int from, int to) {
        Shell.run(
                "ip",
                "-n",
                space(from),
                "neigh",
                "replace",
                address(to),
                "lladdr",
                "02:de:ad:be:ef:0" + to,
                "dev",
                "eth0",
                "nud",
                "permanent");
    }

    void cut(int one, int other) {
        deafen(one, other);
        deafen(other, one);
    }

    void heal(int one, int other) {
        hear(one, other);
        hear(other, one);
    }

    private void hear(int from, int to) {
        Shell.tried("ip", "-n", space(from), "neigh", "del", address(to), "dev", "eth0");
    }

    /** All links between nodes work again. */
    void healAll() {
        for (int one = 1; one <= nodes; one++) {
            for (int other = one + 1; other <= nodes; other++) {
                heal(one, other);
            }
        }
    }

    /** Takes a node off the network, for the world too, or puts it back. */
    void plug(int node, boolean in) {
        Shell.run("ip", "link", "set", cable(node), in ? "up" : "down");
    }

    /** Ends what still runs in the namespaces, and removes them. */
    @Override
    public void close() {
        for (int node = 1; node <= nodes; node++) {
            String space = space(node);
            if (Shell.tried("ip", "netns", "pids", space)) {
                Shell.run("ip", "netns", "pids", space)
                        .lines()
                        .forEach(pid -> Shell.tried("kill", "-KILL", pid.strip()));
                Shell.tried("ip", "link", "del", cable(node));
                Shell.tried("ip", "netns", "del", space);
            }
        }
        Shell.tried("ip", "link", "del", bridge(number));
    }
}
