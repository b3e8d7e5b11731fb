// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** Debian's rspamd or clamd as a process of the test, with a configuration of its own in a folder. */
final class Filter implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    final Path folder;
    final int port = Ports.free();
    private final List<String> command;
    private Process process;

    private Filter(Path folder, List<String> command) {
        this.folder = folder;
        this.command = command;
    }

    static boolean installed(String program) {
        return Files.isExecutable(Path.of("/usr/bin", program)) || Files.isExecutable(Path.of("/usr/sbin", program));
    }

    /** rspamd without Redis and without rules, but one in Lua; not started yet. */
    static Filter rspamd(Path folder, String lua) throws IOException {
        Files.createDirectories(folder);
        Path configuration = folder.resolve("rspamd.conf");
        Filter filter =
                new Filter(folder, List.of("rspamd", "--no-fork", "--insecure", "--config", configuration.toString()));
        Files.writeString(folder.resolve("rules.lua"), lua);
        // All public suffixes take it half a minute to compile.
        Files.writeString(folder.resolve("suffixes"), "test\n");
        Files.writeString(configuration, """
                options {
                  pidfile = "%1$s/rspamd.pid";
                  tempdir = "%1$s";
                  url_tld = "%1$s/suffixes";
                  control_socket = "%1$s/control.sock";
                  rrd = "";
                  filters = "";
                  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
                }
                logging { type = "file"; filename = "%1$s/rspamd.log"; level = "info"; }
                worker "normal" { bind_socket = "127.0.0.1:%2$d"; count = 1; task_timeout = 5s; }
                actions { reject = 15; add_header = 6; greylist = 4; }
                lua = "%1$s/rules.lua";
                """.formatted(folder, filter.port));
        return filter;
    }

    /** clamd that knows one text and one file, on a port and on the socket {@code clamd.ctl}; not started yet. */
    static Filter clamd(Path folder, String text, byte[] file) throws IOException {
        Files.createDirectories(folder.resolve("signatures"));
        Path configuration = folder.resolve("clamd.conf");
        Filter filter = new Filter(folder, List.of("clamd", "--foreground=yes", "--config-file=" + configuration));
        Files.writeString(folder.resolve("signatures/test.ndb"), "Posthouse.Text:0:*:" + hex(text) + "\n");
        Files.writeString(folder.resolve("signatures/test.hdb"), md5(file) + ":" + file.length + ":Posthouse.File\n");
        Files.writeString(configuration, """
                DatabaseDirectory %1$s/signatures
                LocalSocket %1$s/clamd.ctl
                TCPAddr 127.0.0.1
                TCPSocket %2$d
                LogFile %1$s/clamd.log
                PidFile %1$s/clamd.pid
                TemporaryDirectory %1$s
                MaxThreads 4
                StreamMaxLength 2M
                """.formatted(folder, filter.port));
        return filter;
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String md5(byte[] file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(file));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Starts it and waits until it takes connections. */
    Filter start() {
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("out").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(() -> command + " on port " + port + "\n" + said(), START, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("ended with " + process.exitValue());
            }
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
        return this;
    }

    private String said() {
        try {
            return Files.readString(folder.resolve("out"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "nothing: " + e;
        }
    }

    /** Ends it, with the processes that it began. */
    void stop() {
        List<ProcessHandle> workers = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        workers.forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            stop();
        }
    }
}
