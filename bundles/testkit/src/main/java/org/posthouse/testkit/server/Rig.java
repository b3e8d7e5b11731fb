// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An assembled Posthouse as a process of its own, on free ports, with a plugin in it.
 *
 * <p>Where Posthouse is unpacked says the system property {@code posthouse.home}, or the variable {@code POSTHOUSE_HOME}. The
 * listener {@code feeder} relays for loopback; {@code mx} takes mail of strangers for {@code local.test}. Everything goes to
 * the {@link SinkServer}.
 */
public final class Rig implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration SERVE = Duration.ofSeconds(30);

    private final Path home;
    private final Path folder;
    private final SinkServer next;
    private final int feeder = Ports.free();
    private final int mx = Ports.free();
    private final int http = Ports.free();
    private final int metrics = Ports.free();
    private final List<String> plugins = new ArrayList<>();
    private @Nullable Process process;

    private Rig(Path home, Path folder, SinkServer next) {
        this.home = home;
        this.folder = folder;
        this.next = next;
    }

    /** Where Posthouse is, if it was said. */
    public static Optional<Path> home() {
        String said = System.getProperty("posthouse.home", System.getenv().getOrDefault("POSTHOUSE_HOME", ""));
        return said.isBlank() ? Optional.empty() : Optional.of(Path.of(said).toAbsolutePath());
    }

    /**
     * A server to be started.
     *
     * @param folder an empty folder for its configuration and data
     * @param next where all mail goes
     * @throws IllegalStateException when nobody said where Posthouse is
     */
    public static Rig in(Path folder, SinkServer next) {
        Path home = home().orElseThrow(() ->
                new IllegalStateException("say where Posthouse is: system property posthouse.home or POSTHOUSE_HOME"));
        Rig rig = new Rig(home, folder, next);
        rig.configure("relay-domains", "domains: [local.test]\n");
        return rig;
    }

    /** Drops a plugin in with its configuration, before or after the start; returns when it serves. */
    public Rig plugin(String name, Path jar, String yaml) {
        configure(name, yaml);
        try {
            Path dropped = Files.createDirectories(data().resolve("plugins")).resolve(name + ".jar");
            Path part = folder.resolve(name + ".part");
            Files.copy(jar, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, dropped, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        plugins.add(name);
        if (process != null) {
            awaitServing(name);
        }
        return this;
    }

    /** Writes the configuration of a plugin; a running server takes it by itself. */
    public Rig configure(String plugin, String yaml) {
        write("plugins/" + plugin + ".yaml", yaml);
        return this;
    }

    private Path data() {
        return folder.resolve("data");
    }

    private void write(String name, String text) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.resolveSibling("."));
            Path part = folder.resolve("configuration.part");
            Files.writeString(part, text);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the server and waits until it answers and its plugins serve. */
    public Rig start() {
        write("posthouse.yaml", """
                server: { hostname: mx.local.test, dataDir: "%s" }
                smtp:
                  feeder: { address: "127.0.0.1:%d", profile: relay, trusted: ["127.0.0.0/8"] }
                  mx: { address: "127.0.0.1:%d", profile: mx }
                dns: { servers: ["127.0.0.1:1"], timeout: 2s }
                queue: { retry: "1s,2s*5,5s", expire: 1h }
                routes: { all: { domains: ["*"], relay: "smtp://127.0.0.1:%d" } }
                http: { address: "127.0.0.1:%d" }
                metrics: { address: "127.0.0.1:%d" }
                """.formatted(data(), feeder, mx, next.port(), http, metrics));
        Process started = spawn();
        process = started;
        Await.until(() -> "banner on port " + feeder + "\n" + log(), START, () -> {
            if (!started.isAlive()) {
                throw new AssertionError("ended with " + started.exitValue());
            }
            return banner();
        });
        plugins.forEach(this::awaitServing);
        return this;
    }

    private Process spawn() {
        try {
            return command("serve")
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder command(String... words) {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/posthouse").toString());
        command.addAll(List.of(words));
        command.addAll(List.of("--config", folder.resolve("posthouse.yaml").toString()));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    private boolean banner() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), feeder)) {
            socket.setSoTimeout(2000);
            return new String(socket.getInputStream().readNBytes(3), StandardCharsets.US_ASCII).equals("220");
        }
    }

    private void awaitServing(String plugin) {
        Await.until(
                () -> plugin + " to serve\n" + log(),
                SERVE,
                () -> cli("plugin", "list")
                        .lines()
                        .anyMatch(line -> line.startsWith(plugin + " ") && line.contains("active")));
    }

    /** What a command of {@code posthouse} prints, for example {@code cli("pipeline")}; it must succeed. */
    public String cli(String... words) {
        try {
            Process tool = command(words).start();
            tool.getOutputStream().close();
            String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (tool.waitFor() != 0) {
                throw new AssertionError(String.join(" ", words) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** A client of ours, which may relay; EHLO is said. */
    public SmtpClient client() throws IOException {
        return SmtpClient.greeted(feeder);
    }

    /** A stranger's client; EHLO is said. */
    public SmtpClient stranger() throws IOException {
        return SmtpClient.greeted(mx);
    }

    /** Plays one side of a conversation with the listener of strangers. */
    public ConversationPlayer conversation() throws IOException {
        return new ConversationPlayer(new InetSocketAddress(InetAddress.getLoopbackAddress(), mx));
    }

    /** The port of the listener that relays for loopback. */
    public int port() {
        return feeder;
    }

    /** The next hop. */
    public SinkServer next() {
        return next;
    }

    /** The end of what the server wrote to its log. */
    public String log() {
        try {
            String text = Files.readString(folder.resolve("log"), StandardCharsets.ISO_8859_1);
            return text.substring(Math.max(0, text.length() - 8000));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Ends the server by SIGTERM. */
    @Override
    public void close() {
        Process running = process;
        if (running != null && running.isAlive()) {
            end(running);
        }
        removeLinks();
    }

    private void end(Process running) {
        running.destroy();
        try {
            if (!running.waitFor(60, TimeUnit.SECONDS)) {
                running.destroyForcibly();
                throw new AssertionError("did not end within 60 s\n" + log());
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The links to the plugins that Posthouse ships: whoever deletes a temporary folder would warn of each. */
    private void removeLinks() {
        if (!Files.isDirectory(data().resolve("plugins"))) {
            return;
        }
        try (DirectoryStream<Path> links = Files.newDirectoryStream(data().resolve("plugins"), Files::isSymbolicLink)) {
            for (Path link : links) {
                Files.delete(link);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
