// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is taken over, seen from outside. */
@Timeout(60)
class SuccessorTest {
    @TempDir
    Path folder;

    /** Runs in a process of its own: holds a port and a file, and is taken over by a shell. */
    static final class Predecessor {
        private Predecessor() {}

        public static void main(String[] arguments) throws IOException {
            try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    FileChannel file = FileChannel.open(
                            Path.of(arguments[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                if (!port.isBound() || !file.isOpen()) {
                    System.exit(3);
                }
                String why = new Successor(List.of(arguments).subList(1, arguments.length)).takeOver();
                System.out.println(why);
                System.exit(75);
            }
        }
    }

    private Process start(String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Predecessor.class.getName(),
                folder.resolve("held").toString()));
        all.addAll(List.of(command));
        return new ProcessBuilder(all).redirectErrorStream(true).start();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void hasTheSameIdAndNoneOfTheFiles() throws Exception {
        Process process = start(
                "/bin/sh",
                "-c",
                "echo pid $$; for f in /proc/$$/fd/*; do readlink $f; done; grep SigBlk /proc/$$/status; exit 7");
        String output = output(process);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), output);
        assertEquals(7, process.exitValue(), output);
        assertTrue(output.contains("pid " + process.pid() + "\n"), output);
        assertTrue(output.contains("SigBlk:\t0000000000000000"), output);
        long pipes = output.lines().filter(l -> l.startsWith("pipe:")).count();
        assertEquals(3, pipes, output);
        assertTrue(output.lines().noneMatch(l -> l.startsWith("socket:") || l.startsWith("/")), output);
    }

    @Test
    void goesOnToItsEndWhenThereIsNoSuccessor() throws Exception {
        Process process = start(folder.resolve("missing").toString());
        String output = output(process);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), output);
        assertEquals(75, process.exitValue(), output);
        assertTrue(output.contains("errno 2"), output);
    }

    @Test
    void isTheServerByThePathThatWasCalled() throws Exception {
        Path script = Files.writeString(folder.resolve("posthouse"), "#!/bin/sh\n");
        assertTrue(script.toFile().setExecutable(true));
        System.setProperty("posthouse.script", script.toString());
        try {
            assertEquals(
                    List.of(script.toString(), "serve", "-e", "x"),
                    Successor.ofServer(new Home(folder), List.of("serve", "-e", "x"))
                            .command());
            Files.delete(script);
            assertEquals(
                    folder.toAbsolutePath().normalize().resolve("bin/posthouse").toString(),
                    Successor.ofServer(new Home(folder), List.of("serve"))
                            .command()
                            .getFirst());
        } finally {
            System.clearProperty("posthouse.script");
        }
    }
}
