// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.posthouse.api.Address;
import org.posthouse.api.Event;
import org.posthouse.api.Reply;
import org.posthouse.api.Sender;
import org.posthouse.config.spi.PluginSettings;
import org.posthouse.config.spi.Server;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;

/** A plugin house in a real framework, with FileInstall's calls made by hand. */
final class TestHouse {
    static final String TEMPORARY = "451 4.3.0 Temporary failure, try again later";

    final List<Event> events = new CopyOnWriteArrayList<>();
    final Settings settings = new Settings();
    final Framework framework;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Path dir;
    final Path jar;
    private @Nullable PipelineComponent component;

    /** Configurations by plugin: a word, or one that is refused. */
    static final class Settings implements PluginSettings {
        private final Map<String, String> words = new ConcurrentHashMap<>();
        private final List<Listener> listeners = new CopyOnWriteArrayList<>();

        void set(String plugin, String word) {
            words.put(plugin, word);
            listeners.forEach(listener -> listener.changed(Set.of(plugin)));
        }

        void clear(String plugin) {
            words.remove(plugin);
            listeners.forEach(listener -> listener.changed(Set.of(plugin)));
        }

        @Override
        public Set<String> names() {
            return words.keySet();
        }

        @Override
        public Checked check(String plugin, Bundle bundle) {
            String word = words.get(plugin);
            if (word == null) {
                return new Checked.Absent();
            }
            return word.equals("bad")
                    ? new Checked.Refused(List.of("plugins/" + plugin + ".yaml: word: bad"))
                    : new Checked.Valid(FrameworkUtil.asDictionary(Map.of("word", word)));
        }

        @Override
        public Checked check(String plugin, Bundle bundle, String yaml) {
            return yaml.equals("bad")
                    ? new Checked.Refused(List.of(plugin + ": word: bad"))
                    : new Checked.Valid(FrameworkUtil.asDictionary(Map.of("word", yaml)));
        }

        @Override
        public AutoCloseable onChange(Listener listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }
    }

    TestHouse(Path dir) throws Exception {
        this.dir = dir;
        framework = new Framework(dir.resolve("felix"));
        jar = dir.resolve("data/plugins/tp.jar");
    }

    void close() throws Exception {
        if (component != null) {
            component.stop();
        }
        framework.close();
    }

    /** Opens the house and waits until the pipeline is offered. */
    void open() throws Exception {
        Server server = (Server) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Server.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "dataDir" -> dir.resolve("data");
                    case "hostname" -> "mx.example.org";
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        Spool spool = (Spool) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Spool.class}, (proxy, method, args) -> null);
        component = new PipelineComponent(
                framework.context(), framework.configurations(), server, settings, spool, events::add, meters);
        await(() -> framework.context().getServiceReference(ArtifactInstaller.class) != null);
    }

    void reopen() throws Exception {
        stop();
        open();
    }

    void stop() {
        component.stop();
        await(() -> framework.context().getServiceReference(Pipeline.class) == null);
    }

    /** Ends and begins as a process that was not stopped. */
    void crash() throws Exception {
        Path watched = dir.resolve("data/state/watched-plugins");
        byte[] left = Files.readAllBytes(watched);
        component.stop();
        Files.write(watched, left);
        await(() -> framework.context().getServiceReference(Pipeline.class) == null);
        open();
    }

    <T> T service(Class<T> type) {
        BundleContext context = framework.context();
        ServiceReference<T> reference = context.getServiceReference(type);
        assertNotNull(reference, type.getName());
        return context.getService(reference);
    }

    /** What FileInstall does when it sees the file new or changed. */
    void dropped() throws Exception {
        service(ArtifactInstaller.class).install(jar.toFile());
    }

    void drop(String version) throws Exception {
        TestJar.write(jar, "tp", version);
        dropped();
    }

    Conversation connect() {
        return connect("S");
    }

    Conversation connect(String session) {
        InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 4711);
        return service(Pipeline.class).open(new Pipeline.Facts(session, "feeder", "relay", peer, peer, "", true));
    }

    static Turn begin(Conversation conversation) {
        return conversation.begin(MessageId.next(), Sender.of(Address.of("a@ask.example")));
    }

    /** The reply to MAIL in a session of its own; {@code -} when it is accepted. */
    String mail() {
        return mail("S");
    }

    String mail(String session) {
        try (Conversation conversation = connect(session);
                Turn turn = begin(conversation)) {
            Reply reply = turn.mail().reply();
            return reply == null ? "-" : reply.toString();
        }
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come true within 30 s");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    String state() {
        return service(Plugins.class).list().stream()
                .filter(plugin -> plugin.name().equals("tp"))
                .map(Plugins.Plugin::state)
                .findFirst()
                .orElse("unknown");
    }

    List<Bundle> bundles() {
        return Arrays.stream(framework.context().getBundles())
                .filter(bundle -> bundle.getLocation().startsWith("posthouse-plugin:"))
                .toList();
    }

    /** Whether an event of plugins says this. */
    boolean told(String action) {
        return events.stream().anyMatch(e -> action.equals(e.facts().get("action")));
    }

    /** The detail of the last event with this action. */
    String detail(String action) {
        return events.stream()
                .filter(e -> action.equals(e.facts().get("action")))
                .map(e -> String.valueOf(e.facts().get("detail")))
                .reduce((a, b) -> b)
                .orElse("never");
    }

    Plugins plugins() {
        return service(Plugins.class);
    }
}
