// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** Three servers, a, b and c, that are members of one cluster. */
final class ThreeServers implements AutoCloseable {
    static final List<String> NAMES = List.of("a", "b", "c");
    static final Duration SOON = Duration.ofSeconds(180);

    private final Map<String, Daemon> daemons = new LinkedHashMap<>();

    /** Configured and not started; {@code more} adds what the test needs to each of them. */
    ThreeServers(Path folder, BiConsumer<String, Daemon> more) throws IOException {
        byte[] octets = new byte[32];
        new SecureRandom().nextBytes(octets);
        Path key = Files.writeString(folder.resolve("key"), Base64.getEncoder().encodeToString(octets));
        Map<String, Integer> ports = new LinkedHashMap<>();
        NAMES.forEach(name -> ports.put(name, Ports.free()));
        for (String name : NAMES) {
            Daemon daemon = Daemon.in(folder.resolve(name))
                    .extra("""
                    cluster:
                      name: test
                      self: %s
                      members: { a: "127.0.0.1:%d", b: "127.0.0.1:%d", c: "127.0.0.1:%d" }
                      keys: ["%s"]
                    """.formatted(name, ports.get("a"), ports.get("b"), ports.get("c"), key));
            more.accept(name, daemon);
            daemons.put(name, daemon);
            daemon.configure();
        }
    }

    Daemon get(String name) {
        return Objects.requireNonNull(daemons.get(name), name);
    }

    Collection<Daemon> all() {
        return daemons.values();
    }

    /** Starts all of them, and waits until each takes mail. */
    void start() {
        daemons.values().forEach(Daemon::spawn);
        awaitAll();
    }

    /** Waits until each has the lease and takes mail. */
    void awaitAll() {
        Await.until(this::logs, SOON, () -> {
            for (Daemon daemon : daemons.values()) {
                if (!takesMail(daemon)) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Whether a server has the lease, and takes mail from strangers and from those it trusts. */
    static boolean takesMail(Daemon daemon) throws IOException {
        return Daemon.banner(daemon.smtp)
                && Daemon.banner(daemon.mx)
                && Http.json(daemon, "/cluster").get("leased").asBoolean();
    }

    String logs() {
        StringBuilder all = new StringBuilder();
        daemons.forEach(
                (name, d) -> all.append(name).append('\n').append(d.log()).append("\n----\n"));
        return all.toString();
    }

    @Override
    public void close() {
        daemons.values().forEach(Daemon::close);
    }
}
