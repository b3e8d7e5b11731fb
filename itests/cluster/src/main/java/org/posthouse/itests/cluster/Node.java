// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.testkit.server.SmtpClient;

/** One server, a process in a namespace, with a disk of its own. */
final class Node {
    static final int SMTP = 2525;
    private static final int HTTP = 12080;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    final int number;
    final String name;
    final String address;
    final Disk disk;
    final Preload preload;
    private final Path home;
    private final Path folder;
    private final String space;
    private final boolean member;
    private @Nullable Process process;

    /**
     * Begins nothing.
     *
     * @param member whether it is a member of a cluster
     */
    Node(Path home, Path folder, Net net, int number, Preload preload, boolean member) {
        this.home = home;
        this.folder = folder;
        this.number = number;
        this.name = "n" + number;
        this.address = net.address(number);
        this.space = net.space(number);
        this.preload = preload;
        this.member = member;
        this.disk = new Disk(folder.resolve("disk"), data());
    }

    Path data() {
        return folder.resolve("data");
    }

    /** Where the server's standard output goes. */
    Path log() {
        return folder.resolve("log");
    }

    /** Where it is noted how much of its events was read. */
    Path read() {
        return folder.resolve("events.read");
    }

    InetSocketAddress door() {
        return new InetSocketAddress(address, SMTP);
    }

    void configure(String yaml) throws IOException {
        Files.writeString(folder.resolve("posthouse.yaml"), yaml);
    }

    void start() {
        disk.insert();
        try {
            // No plugins: what is tried is the engine.
            Files.createDirectories(data().resolve("plugins"));
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            "ip",
                            "netns",
                            "exec",
                            space,
                            home.resolve("bin/posthouse").toString(),
                            "serve",
                            "--config",
                            folder.resolve("posthouse.yaml").toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            Map<String, String> environment = builder.environment();
            environment.putAll(preload.environment(data().resolve("spool")));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean alive() {
        return process != null && process.isAlive();
    }

    /** Sends a signal; {@code ip} and the start script have become the server itself. */
    void signal(String name) {
        if (process != null) {
            Shell.tried("kill", "-" + name, Long.toString(process.pid()));
        }
    }

    void kill() {
        signal("KILL");
        Process killed = process;
        if (killed != null) {
            killed.onExit().join();
        }
    }

    /** Whether it says the banner of its listener. */
    boolean greets() {
        try (SmtpClient client = new SmtpClient(door(), PATIENCE)) {
            return client.reply().startsWith("220");
        } catch (IOException e) {
            return false;
        }
    }

    /** How many messages it has, its own and, as they were counted some seconds ago, those it keeps for others. */
    long messages() throws IOException {
        long kept = member ? get("/cluster").at("/mail/kept").asLong() : 0;
        return get("/queue/counts?node=self").get("messages").asLong() + kept;
    }

    /** Some of what is in its queue, for a person to read. */
    String queue() throws IOException {
        String all = get("/queue?limit=5&node=self").toString();
        return all.substring(0, Math.min(4000, all.length()));
    }

    private JsonNode get(String path) throws IOException {
        String token = Files.readString(data().resolve("secrets/api-token")).strip();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + ":" + HTTP + "/api/v1" + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .build();
        try {
            HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode() + ": " + response.body());
            }
            return JSON.readTree(response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
