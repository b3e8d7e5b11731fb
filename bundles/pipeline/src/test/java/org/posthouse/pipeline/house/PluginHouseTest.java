// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.lang.ref.WeakReference;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;
import org.posthouse.api.Address;
import org.posthouse.api.Event;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Sender;
import org.posthouse.config.spi.PluginSettings;
import org.posthouse.config.spi.Server;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.RecordedJson;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;

/** Swaps real bundles in a real framework, with FileInstall's calls made by hand. */
@Timeout(120)
final class PluginHouseTest {
    private static final String TEMPORARY = "451 4.3.0 Temporary failure, try again later";

    @TempDir
    private Path dir;

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final Settings settings = new Settings();
    private Framework framework;
    private PipelineComponent component;
    private Path jar;

    /** Configurations by plugin: a word, or one that is refused. */
    private static final class Settings implements PluginSettings {
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

    @BeforeEach
    void start() throws Exception {
        framework = new Framework(dir.resolve("felix"));
        jar = dir.resolve("data/plugins/tp.jar");
    }

    @AfterEach
    void stop() throws Exception {
        if (component != null) {
            component.stop();
        }
        framework.close();
    }

    /** Opens the house and waits until the pipeline is offered. */
    private void open() throws Exception {
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
                framework.context(),
                framework.configurations(),
                server,
                settings,
                spool,
                events::add,
                new SimpleMeterRegistry());
        await(() -> framework.context().getServiceReference(ArtifactInstaller.class) != null);
    }

    private void reopen() throws Exception {
        component.stop();
        await(() -> framework.context().getServiceReference(Pipeline.class) == null);
        open();
    }

    private <T> T service(Class<T> type) {
        BundleContext context = framework.context();
        ServiceReference<T> reference = context.getServiceReference(type);
        assertNotNull(reference, type.getName());
        return context.getService(reference);
    }

    /** What FileInstall does when it sees the file new or changed. */
    private void dropped() throws Exception {
        service(ArtifactInstaller.class).install(jar.toFile());
    }

    private void drop(String version) throws Exception {
        TestJar.write(jar, "tp", version);
        dropped();
    }

    private Conversation connect() {
        InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 4711);
        return service(Pipeline.class).open(new Pipeline.Facts("S", "feeder", "relay", peer, peer, "", true));
    }

    private static Turn begin(Conversation conversation) {
        return conversation.begin(MessageId.next(), Sender.of(Address.of("a@ask.example")));
    }

    /** The reply to MAIL in a session of its own; {@code -} when it is accepted. */
    private String mail() {
        try (Conversation conversation = connect();
                Turn turn = begin(conversation)) {
            Reply reply = turn.mail().reply();
            return reply == null ? "-" : reply.toString();
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come true within 30 s");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private String state() {
        return service(Plugins.class).list().stream()
                .filter(plugin -> plugin.name().equals("tp"))
                .map(Plugins.Plugin::state)
                .findFirst()
                .orElse("unknown");
    }

    private List<Bundle> bundles() {
        return Arrays.stream(framework.context().getBundles())
                .filter(bundle -> bundle.getLocation().startsWith("posthouse-plugin:"))
                .toList();
    }

    @Test
    void servesWhatIsThereBeforeThePipelineIsOffered() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        assertEquals("550 5.7.1 1.0.0 one", mail());
        assertEquals("active", state());
        Plugins.HookLine line = service(Plugins.class).order().get(0);
        assertEquals("tp", line.hook());
        assertEquals("enforce", line.mode());
        assertEquals(1, line.calls());
    }

    @Test
    void swapsAJarUnderOpenTransactionsAndLetsTheOldClassLoaderGo() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        List<String> others = new CopyOnWriteArrayList<>();
        framework.context().addBundleListener(event -> {
            boolean plugin = event.getBundle().getLocation().startsWith("posthouse-plugin:");
            if (!plugin && event.getType() != BundleEvent.RESOLVED) {
                others.add(event.toString());
            }
        });
        WeakReference<ClassLoader> loader =
                new WeakReference<>(bundles().get(0).adapt(BundleWiring.class).getClassLoader());
        swapWithAnOpenTransaction();
        await(() -> bundles().size() == 1);
        assertEquals("2.0.0", bundles().get(0).getVersion().toString());
        await(() -> {
            System.gc();
            return loader.get() == null;
        });
        assertEquals(List.of(), others);
    }

    private void swapWithAnOpenTransaction() throws Exception {
        Conversation session = connect();
        Conversation idle = connect();
        idle.connect();
        Turn open = begin(session);
        assertEquals("550 5.7.1 1.0.0 one", String.valueOf(open.mail().reply()));
        drop("2.0.0");
        assertEquals("550 5.7.1 2.0.0 one", mail());
        assertEquals(2, bundles().size());
        assertEquals(
                "550 5.7.1 1.0.0 one",
                String.valueOf(
                        open.rcpt(Recipient.of(Address.of("b@x.example"))).reply()));
        open.close();
        try (Turn next = begin(session)) {
            assertEquals("550 5.7.1 2.0.0 one", String.valueOf(next.mail().reply()));
        }
        session.close();
        idle.close();
    }

    @Test
    void swapsAConfigurationWithinTheSameBundle() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        Bundle bundle = bundles().get(0);
        Conversation session = connect();
        Turn open = begin(session);
        settings.set("tp", "two");
        await(() -> mail().equals("550 5.7.1 1.0.0 two"));
        assertEquals("550 5.7.1 1.0.0 one", String.valueOf(open.mail().reply()));
        open.close();
        assertEquals(List.of(bundle), bundles());
        await(() -> Arrays.stream(bundle.getRegisteredServices())
                        .filter(reference -> reference.getProperty("component.name") != null)
                        .count()
                == 1);
        assertEquals("550 5.7.1 1.0.0 two", mail());
    }

    @Test
    void keepsTheOldGenerationWhenTheNewConfigurationIsRefusedOrFails() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        settings.set("tp", "bad");
        await(() -> events.stream().anyMatch(e -> "refused".equals(e.facts().get("action"))));
        assertEquals("550 5.7.1 1.0.0 one", mail());
        events.clear();
        settings.set("tp", "throw");
        await(() -> events.stream().anyMatch(e -> "refused".equals(e.facts().get("action"))));
        assertEquals("550 5.7.1 1.0.0 one", mail());
        assertEquals("active", state());
    }

    @Test
    void keepsTheOldGenerationWhenTheNewJarIsHalfWrittenOrDoesNotResolve() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        byte[] whole = Files.readAllBytes(jar);
        Files.write(jar, Arrays.copyOf(whole, whole.length / 2));
        dropped();
        assertEquals("550 5.7.1 1.0.0 one", mail());
        TestJar.write(jar, "tp", "2.0.0", "Import-Package", "org.posthouse.api,org.posthouse.api.hook,no.such.pack");
        dropped();
        assertEquals("550 5.7.1 1.0.0 one", mail());
        drop("3.0.0");
        assertEquals("550 5.7.1 3.0.0 one", mail());
    }

    @Test
    void waitsForItsFirstConfigurationAndIsNotAskedBefore() throws Exception {
        open();
        drop("1.0.0");
        assertEquals("waiting", state());
        assertEquals("-", mail());
        settings.set("tp", "one");
        await(() -> mail().equals("550 5.7.1 1.0.0 one"));
    }

    @Test
    void aDeletedJarIsMissingUntilItIsBackOrRemovedByCommand() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        Files.delete(jar);
        service(ArtifactInstaller.class).uninstall(jar.toFile());
        await(() -> state().equals("missing"));
        assertEquals(TEMPORARY, mail());
        drop("1.0.0");
        assertEquals("550 5.7.1 1.0.0 one", mail());
        service(Plugins.class).remove("tp");
        assertFalse(Files.exists(jar));
        assertEquals("-", mail());
        assertEquals("unknown", state());
        reopen();
        assertEquals("-", mail());
    }

    @Test
    void aMissingPluginIsStillMissingAfterARestart() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        Files.delete(jar);
        reopen();
        assertEquals("missing", state());
        assertEquals(TEMPORARY, mail());
        assertEquals("missing", service(Plugins.class).order().get(0).mode());
    }

    @Test
    void aVanishedConfigurationOfAKnownPluginIsMissing() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        settings.clear("tp");
        await(() -> mail().equals(TEMPORARY));
        settings.set("tp", "one");
        await(() -> mail().equals("550 5.7.1 1.0.0 one"));
    }

    @Test
    void aDisabledPluginStaysDisabledOverARestart() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        service(Plugins.class).disable("tp");
        assertEquals("-", mail());
        reopen();
        assertEquals("disabled", state());
        assertEquals("-", mail());
        service(Plugins.class).enable("tp");
        assertEquals("550 5.7.1 1.0.0 one", mail());
    }

    @Test
    void aHookThatIsSwitchedOffIsNeitherAskedNorExpected() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        framework
                .configurations()
                .getFactoryConfiguration("hooks", "tp", "?")
                .update(FrameworkUtil.asDictionary(Map.of("mode", "off")));
        await(() -> mail().equals("-"));
        assertEquals("off", service(Plugins.class).order().get(0).mode());
        framework.configurations().getFactoryConfiguration("hooks", "tp", "?").delete();
        await(() -> mail().equals("550 5.7.1 1.0.0 one"));
    }

    @Test
    void refusesAHookNameThatAnotherPluginHas() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        settings.set("other", "two");
        open();
        Path second = jar.resolveSibling("other.jar");
        TestJar.write(second, "other", "1.0.0", "Provide-Capability", "org.posthouse.hook;class=t.H;name=tp");
        service(ArtifactInstaller.class).install(second.toFile());
        assertEquals("550 5.7.1 1.0.0 one", mail());
        assertEquals(1, bundles().size());
    }

    @Test
    void aReplayAsksACandidateThatNobodyElseMeets() throws Exception {
        TestJar.write(jar, "tp", "1.0.0");
        settings.set("tp", "one");
        open();
        Path candidate = dir.resolve("elsewhere/tp.jar");
        TestJar.write(candidate, "tp", "2.0.0");
        InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 4711);
        Replays.Recorded recorded = RecordedJson.of(
                new byte[0],
                new Pipeline.Facts("S", "feeder", "relay", peer, peer, "", true),
                "client",
                Sender.of(Address.of("a@ask.example")),
                List.of());
        Replays replays = service(Replays.class);
        assertEquals("550 5.7.1 1.0.0 one", verdict(replays, recorded, null));
        assertEquals("550 5.7.1 2.0.0 one", verdict(replays, recorded, new Replays.Candidate("tp", candidate, null)));
        assertEquals("550 5.7.1 2.0.0 two", verdict(replays, recorded, new Replays.Candidate("tp", candidate, "two")));
        assertEquals("550 5.7.1 1.0.0 two", verdict(replays, recorded, new Replays.Candidate("tp", null, "two")));
        assertEquals("550 5.7.1 1.0.0 one", mail());
        await(() -> bundles().size() == 1);
        Replays.Candidate bad = new Replays.Candidate("tp", null, "bad");
        assertThrows(Plugins.PluginException.class, () -> replays.run(List.of(recorded), bad));
    }

    private static String verdict(Replays replays, Replays.Recorded recorded, Replays.Candidate candidate)
            throws Exception {
        return replays.run(List.of(recorded), candidate).get(0).verdicts().get("mail");
    }

    @Test
    void takesOnlyJarsOfItsFolder() throws Exception {
        open();
        ArtifactInstaller installer = service(ArtifactInstaller.class);
        assertTrue(installer.canHandle(jar.toFile()));
        assertFalse(installer.canHandle(new File(jar.getParent().toFile(), "a.cfg")));
        assertFalse(installer.canHandle(dir.resolve("tp.jar").toFile()));
        Files.writeString(jar, "no jar");
        dropped();
        assertEquals("unknown", state());
    }
}
