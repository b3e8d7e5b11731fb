// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** Members that are configured by names, which come, go, and lead elsewhere: processes with a file of hosts each. */
@Timeout(180)
class HostNamesTest {
    private static final String A = "posthouse-0.posthouse.test";
    private static final String B = "posthouse-1.posthouse.test";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final String atA = A + ":" + Ports.free();
    private final String atB = B + ":" + Ports.free();
    private final String cluster = "names-" + System.nanoTime();
    private final List<Process> processes = new ArrayList<>();

    private void hosts(String member, String... lines) throws IOException {
        Path written = Files.writeString(folder.resolve(member + ".new"), String.join("\n", lines) + "\n");
        Files.move(
                written,
                folder.resolve(member + ".hosts"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    private void start(String member, String own, String other) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Djdk.net.hosts.file=" + folder.resolve(member + ".hosts"),
                "-Dsun.net.inetaddr.ttl=0",
                "-Dsun.net.inetaddr.negative.ttl=0",
                "-cp",
                System.getProperty("java.class.path"),
                NamedNode.class.getName(),
                cluster,
                member,
                own + "," + other);
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve(member + ".out").toFile())
                .redirectError(folder.resolve(member + ".err").toFile())
                .start();
        processes.add(process);
    }

    private String said(String member) {
        try {
            Path file = folder.resolve(member + ".out");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String last(String member) {
        return said(member).lines().reduce("", (before, line) -> line);
    }

    private void await(String member, String line) {
        Await.until(
                () -> member + " says '" + line + "', not:\n" + said(member) + errors(member),
                PATIENCE,
                () -> last(member).equals(line));
    }

    private String errors(String member) {
        try (Stream<String> lines = Files.lines(folder.resolve(member + ".err"))) {
            return lines.limit(50).collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void startsBeforeAnyNameIsThere() throws Exception {
        hosts("a", "127.0.0.1 localhost");
        start("a", atA, atB);
        await("a", "trouble This member has no address: there is no host " + A + " (yet)");
        hosts("a", "127.0.0.1 " + A);
        await("a", "connected []");
    }

    @Test
    void findsAMemberWhoseNameAppearsLater() throws Exception {
        hosts("a", "127.0.0.1 " + A);
        start("a", atA, atB);
        await("a", "connected []");
        // This one never learns the name of the first: it is a that has to look again.
        hosts("b", "127.0.0.1 " + B);
        start("b", atB, atA);
        await("b", "connected []");
        hosts("a", "127.0.0.1 " + A, "127.0.0.1 " + B);
        await("a", "connected [b]");
        await("b", "connected [a]");
    }

    @Test
    void findsAMemberWhoseNameLeadsElsewhereThanBefore() throws Exception {
        hosts("a", "127.0.0.1 " + A, "127.0.0.9 " + B);
        start("a", atA, atB);
        await("a", "connected []");
        hosts("b", "127.0.0.1 " + B);
        start("b", atB, atA);
        await("b", "connected []");
        hosts("a", "127.0.0.1 " + A, "127.0.0.1 " + B);
        await("a", "connected [b]");
        await("b", "connected [a]");
    }

    @Test
    void joinsNobodyWhoseNameLeadsOut() throws Exception {
        hosts("a", "203.0.113.2 " + A);
        start("a", atA, atB);
        Await.until(
                () -> "it is refused, not:\n" + said("a"),
                PATIENCE,
                () -> last("a")
                        .startsWith("trouble This member has no address: " + A + " is at 203.0.113.2, and this is no"));
    }
}
