// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** The assembled Posthouse as a process of its own, with a configuration and a data folder of its own. */
final class Daemon implements AutoCloseable {
    static final Path HOME = Path.of(System.getProperty("posthouse.home", "../../distribution/target/posthouse"))
            .toAbsolutePath()
            .normalize();
    private static final Duration START = Duration.ofSeconds(90);

    /** Most tests ask what a server does, not how fast: the optimizing compiler would take half of each start. */
    private static final String UNOPTIMIZED = "-XX:TieredStopAtLevel=1";

    final Path folder;
    final int smtp = Ports.free();
    final int mx = Ports.free();
    final int submission = Ports.free();
    final int next = Ports.free();
    final int http = Ports.free();
    final int metrics = Ports.free();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> prefix = new ArrayList<>();
    private final Set<String> configured = new TreeSet<>();
    private boolean shipped;
    private String extra = "";
    private String routes = "";
    private String listeners = "";
    private String dns = "dns: { servers: [\"127.0.0.1:1\"], timeout: 2s }";
    private String queue = "queue: { retry: \"1s,2s*5,5s\", expire: 1h }";
    private Process process;

    private Daemon(Path folder) {
        this.folder = folder;
    }

    /** A daemon that relays for loopback and hands everything to {@link #next}. */
    static Daemon in(Path folder) {
        Daemon daemon = new Daemon(folder);
        if (!Scale.FULL) {
            daemon.environment("POSTHOUSE_JAVA_OPTS", UNOPTIMIZED);
        }
        daemon.routes = "routes:\n  all: { domains: [\"*\"], relay: \"smtp://127.0.0.1:" + daemon.next + "\" }\n";
        daemon.plugin("relay-domains", "domains: [local.test]\n");
        daemon.plugin("default-headers", "");
        return daemon;
    }

    Daemon routes(String yaml) {
        routes = yaml;
        return this;
    }

    Daemon queue(String yaml) {
        queue = yaml;
        return this;
    }

    Daemon extra(String yaml) {
        extra = yaml;
        return this;
    }

    /** More listeners, a line each. */
    Daemon listener(String yaml) {
        listeners += "  " + yaml + "\n";
        return this;
    }

    Daemon dns(String yaml) {
        dns = yaml;
        return this;
    }

    Daemon environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Starts as an installed server does, for tests that measure it. */
    Daemon optimized() {
        environment.remove("POSTHOUSE_JAVA_OPTS");
        return this;
    }

    /** Runs the daemon under another program, for example strace. */
    Daemon under(String... command) {
        prefix.clear();
        prefix.addAll(List.of(command));
        return this;
    }

    /** Starts with all plugins that are shipped, as a fresh installation does, and not with those alone that are configured. */
    Daemon shipped() {
        shipped = true;
        return this;
    }

    Daemon plugin(String name, String yaml) {
        configured.add(name);
        write("plugins/" + name + ".yaml", yaml);
        return this;
    }

    Path data() {
        return folder.resolve("data");
    }

    Path configuration() {
        return folder.resolve("posthouse.yaml");
    }

    void write(String name, String text) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Path draft = file.resolveSibling("." + file.getFileName() + ".new");
            Files.writeString(draft, text);
            Files.move(draft, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void configure() {
        write("posthouse.yaml", """
                server: { hostname: mx.local.test, dataDir: "%s" }
                smtp:
                  feeder: { address: "127.0.0.1:%d", profile: relay, trusted: ["127.0.0.0/8"], maxMessageSize: 2GB, maxRecipients: 20000, maxConnectionsPerIp: 2000 }
                  mx: { address: "127.0.0.1:%d", profile: mx, maxConnectionsPerIp: 2000 }
                  submission: { address: "127.0.0.1:%d", profile: submission }
                %s%s
                http: { address: "127.0.0.1:%d" }
                metrics: { address: "127.0.0.1:%d" }
                %s
                %s
                %s
                """.formatted(
                        data(), smtp, mx, submission, listeners, dns, http, metrics, queue, routes, extra));
    }

    Daemon start() {
        configure();
        return launch();
    }

    /** Starts with the configuration as it is and waits for the banner. */
    Daemon launch() {
        spawn();
        Await.until(() -> "banner on port " + smtp + "\n" + log(), START, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("ended with " + process.exitValue() + "\n" + log());
            }
            return banner(smtp);
        });
        return this;
    }

    Process spawn() {
        try {
            linkConfigured();
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(
                    HOME.resolve("bin/posthouse").toString(),
                    "serve",
                    "--config",
                    configuration().toString()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of plugins at the first start, where the test did not make it: what nobody configured would only take time. */
    private void linkConfigured() throws IOException {
        Path plugins = data().resolve("plugins");
        if (shipped || Files.exists(plugins)) {
            return;
        }
        Files.createDirectories(plugins);
        for (String name : configured) {
            Files.createSymbolicLink(plugins.resolve(name + ".jar"), Jars.shipped(name));
        }
    }

    static boolean banner(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2000);
            return new String(socket.getInputStream().readNBytes(3), StandardCharsets.US_ASCII).equals("220");
        }
    }

    String log() {
        try {
            String text = Files.readString(folder.resolve("log"), StandardCharsets.ISO_8859_1);
            return text.substring(Math.max(0, text.length() - 8000));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    String events() {
        try {
            return Files.readString(data().resolve("log/events.jsonl"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    long pid() {
        return process.pid();
    }

    /** The Java process: the daemon itself, or its only descendant when it runs under another program. */
    long javaPid() {
        return prefix.isEmpty()
                ? process.pid()
                : process.descendants()
                        .map(ProcessHandle::pid)
                        .reduce((a, b) -> b)
                        .orElseThrow();
    }

    void kill9() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        await();
    }

    /** Ends it by SIGTERM and gives back the exit status. */
    int stop() {
        ProcessHandle.of(javaPid()).ifPresent(ProcessHandle::destroy);
        return await();
    }

    private int await() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("did not end within 60 s\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The command line of the daemon, for example {@code cli("queue", "list")}. */
    Tool cli(String... words) {
        List<String> command =
                new ArrayList<>(List.of(HOME.resolve("bin/posthouse").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--config", configuration().toString()));
        return Tool.run(Duration.ofSeconds(60), Map.of(), command);
    }

    /** Octets of memory that belong to the process alone or in part (PSS). */
    long pss() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + javaPid() + "/smaps_rollup"))) {
                if (line.startsWith("Pss:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            throw new AssertionError("no Pss line");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            stop();
        }
        removeLinks();
    }

    /** The temporary folder is deleted after the test; the links to shipped plugins need not make it speak of them. */
    private void removeLinks() {
        try (var links = Files.newDirectoryStream(data().resolve("plugins"), Files::isSymbolicLink)) {
            for (Path link : links) {
                Files.delete(link);
            }
        } catch (java.nio.file.NoSuchFileException nothingThere) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
