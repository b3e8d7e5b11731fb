// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** Debian's nsd on loopback, which serves one zone text as the root of all names: what is not there does not exist. */
final class NameServer implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(10);
    /** TTL 0, and so for what does not exist: no cache between tests. */
    private static final String START = """
            $ORIGIN .
            $TTL 0
            @ SOA ns.invalid. host.invalid. 1 60 60 60 0
            @ NS ns.invalid.
            ns.invalid. A 127.0.0.1
            """;

    final int port = Ports.free();
    private final Path folder;
    private final Process process;

    /**
     * Starts it.
     *
     * @param folder where its files go
     * @param zone records as in a zone file, with whole names
     */
    NameServer(Path folder, String zone) throws IOException {
        this.folder = Files.createDirectories(folder);
        Files.writeString(folder.resolve("root.zone"), START + zone);
        Files.writeString(folder.resolve("nsd.conf"), """
                server:
                  ip-address: 127.0.0.1@%1$d
                  server-count: 1
                  username: ""
                  chroot: ""
                  database: ""
                  zonesdir: "%2$s"
                  zonelistfile: "%2$s/zone.list"
                  xfrdfile: "%2$s/xfrd.state"
                  xfrdir: "%2$s"
                  pidfile: "%2$s/nsd.pid"
                  logfile: "%2$s/nsd.log"
                  rrl-ratelimit: 0
                remote-control:
                  control-enable: no
                zone:
                  name: "."
                  zonefile: "root.zone"
                """.formatted(port, folder.toAbsolutePath()));
        process = new ProcessBuilder(
                        program(), "-d", "-c", folder.resolve("nsd.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nsd.out").toFile())
                .start();
        Await.until(() -> "an answer of nsd: " + said(), SOON, this::answers);
    }

    /** Not on the path of everybody. */
    private static String program() {
        return Tool.exists("nsd") ? "nsd" : "/usr/sbin/nsd";
    }

    private String said() {
        StringBuilder all = new StringBuilder();
        for (String file : new String[] {"nsd.out", "nsd.log"}) {
            try {
                all.append(Files.readString(folder.resolve(file))).append('\n');
            } catch (IOException e) {
                all.append("no ").append(file).append('\n');
            }
        }
        return all.toString();
    }

    private boolean answers() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(500);
            socket.connect(InetAddress.getLoopbackAddress(), port);
            // One question for the SOA of the root.
            byte[] question = {0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1};
            socket.send(new DatagramPacket(question, question.length));
            DatagramPacket answer = new DatagramPacket(new byte[512], 512);
            socket.receive(answer);
            return answer.getLength() > question.length;
        }
    }

    /** The key {@code dns} of a server that asks it, or what stands before it. */
    static String resolver(int port) {
        return "dns: { servers: [\"127.0.0.1:" + port + "\"], timeout: 2s }";
    }

    /** Ends it; questions are then not answered any more. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
