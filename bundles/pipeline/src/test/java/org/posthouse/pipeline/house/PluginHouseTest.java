// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.wiring.BundleWiring;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.RecordedJson;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Turn;

/** Swaps real bundles in a real framework, with FileInstall's calls made by hand. */
@Timeout(120)
final class PluginHouseTest {
    private static final String TEMPORARY = "451 4.3.0 Temporary failure, try again later";

    @TempDir
    private Path dir;

    private TestHouse house;

    @BeforeEach
    void start() throws Exception {
        house = new TestHouse(dir);
    }

    @AfterEach
    void stop() throws Exception {
        house.close();
    }

    @Test
    void servesWhatIsThereBeforeThePipelineIsOffered() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals("active", house.state());
        Plugins.HookLine line = house.service(Plugins.class).order().get(0);
        assertEquals("tp", line.hook());
        assertEquals("enforce", line.mode());
        assertEquals(1, line.calls());
    }

    @Test
    void swapsAJarUnderOpenTransactionsAndLetsTheOldClassLoaderGo() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        List<String> others = new CopyOnWriteArrayList<>();
        house.framework.context().addBundleListener(event -> {
            boolean plugin = event.getBundle().getLocation().startsWith("posthouse-plugin:");
            if (!plugin && event.getType() != BundleEvent.RESOLVED) {
                others.add(event.toString());
            }
        });
        WeakReference<ClassLoader> loader = new WeakReference<>(
                house.bundles().get(0).adapt(BundleWiring.class).getClassLoader());
        swapWithAnOpenTransaction();
        TestHouse.await(() -> house.bundles().size() == 1);
        assertEquals("2.0.0", house.bundles().get(0).getVersion().toString());
        TestHouse.await(() -> {
            System.gc();
            return loader.get() == null;
        });
        assertEquals(List.of(), others);
    }

    private void swapWithAnOpenTransaction() throws Exception {
        Conversation session = house.connect();
        Conversation idle = house.connect();
        idle.connect();
        Turn open = TestHouse.begin(session);
        assertEquals("550 5.7.1 1.0.0 one", String.valueOf(open.mail().reply()));
        house.drop("2.0.0");
        assertEquals("550 5.7.1 2.0.0 one", house.mail());
        assertEquals(2, house.bundles().size());
        assertEquals(
                "550 5.7.1 1.0.0 one",
                String.valueOf(
                        open.rcpt(Recipient.of(Address.of("b@x.example"))).reply()));
        open.close();
        try (Turn next = TestHouse.begin(session)) {
            assertEquals("550 5.7.1 2.0.0 one", String.valueOf(next.mail().reply()));
        }
        session.close();
        idle.close();
    }

    @Test
    void swapsAConfigurationWithinTheSameBundle() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        Bundle bundle = house.bundles().get(0);
        Conversation session = house.connect();
        Turn open = TestHouse.begin(session);
        house.settings.set("tp", "two");
        TestHouse.await(() -> house.mail().equals("550 5.7.1 1.0.0 two"));
        assertEquals("550 5.7.1 1.0.0 one", String.valueOf(open.mail().reply()));
        open.close();
        assertEquals(List.of(bundle), house.bundles());
        TestHouse.await(() -> Arrays.stream(bundle.getRegisteredServices())
                        .filter(reference -> reference.getProperty("component.name") != null)
                        .count()
                == 1);
        assertEquals("550 5.7.1 1.0.0 two", house.mail());
    }

    @Test
    void keepsTheOldGenerationWhenTheNewConfigurationIsRefusedOrFails() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        house.settings.set("tp", "bad");
        TestHouse.await(() ->
                house.events.stream().anyMatch(e -> "refused".equals(e.facts().get("action"))));
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        house.events.clear();
        house.settings.set("tp", "throw");
        TestHouse.await(() ->
                house.events.stream().anyMatch(e -> "refused".equals(e.facts().get("action"))));
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals("active", house.state());
    }

    @Test
    void keepsTheOldGenerationWhenTheNewJarIsHalfWrittenOrDoesNotResolve() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        byte[] whole = Files.readAllBytes(house.jar);
        Files.write(house.jar, Arrays.copyOf(whole, whole.length / 2));
        house.dropped();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        TestJar.write(
                house.jar, "tp", "2.0.0", "Import-Package", "org.posthouse.api,org.posthouse.api.hook,no.such.pack");
        house.dropped();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        house.drop("3.0.0");
        assertEquals("550 5.7.1 3.0.0 one", house.mail());
    }

    @Test
    void aRefusedJarDoesNotKeepConfigurationsFromTheOneInForce() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        TestJar.write(house.jar, "tp", "2.0.0", "Import-Package", "org.posthouse.api,no.such.pack");
        house.dropped();
        house.settings.set("tp", "two");
        TestHouse.await(() -> house.mail().equals("550 5.7.1 1.0.0 two"));
        String detail = house.plugins().list().get(0).detail();
        assertTrue(detail.contains("stays") && detail.contains("no.such.pack"), detail);
        house.settings.clear("tp");
        TestHouse.await(() -> house.mail().equals(TEMPORARY));
        house.settings.set("tp", "three");
        house.drop("3.0.0");
        assertEquals("550 5.7.1 3.0.0 three", house.mail());
    }

    @Test
    void aJarThatLacksAHookIsTakenByCommandAlone() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        String source = """
                package t;
                import org.posthouse.api.*;
                import org.posthouse.api.hook.*;
                public final class H implements MailHook {
                    public void activate(java.util.Map<String, Object> config) {}
                    public Verdict onMail(Transaction tx, Sender sender) { return Verdict.reject("5.7.1", "mail alone"); }
                }
                """;
        TestJar.make(house.jar, "tp", "2.0.0", source, List.of("hook.MailHook"));
        house.dropped();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        String detail = house.plugins().list().get(0).detail();
        assertTrue(detail.contains("has no hook tp at rcpt any more"), detail);

        Path given = dir.resolve("given.jar");
        TestJar.make(given, "tp", "2.0.0", source, List.of("hook.MailHook"));
        house.plugins().install(given);
        assertEquals("550 5.7.1 mail alone", house.mail());
    }

    @Test
    void waitsForItsFirstConfigurationAndIsNotAskedBefore() throws Exception {
        house.open();
        house.drop("1.0.0");
        assertEquals("waiting", house.state());
        assertEquals("-", house.mail());
        house.settings.set("tp", "one");
        TestHouse.await(() -> house.mail().equals("550 5.7.1 1.0.0 one"));
    }

    @Test
    void aDeletedJarIsMissingUntilItIsBackOrRemovedByCommand() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        Files.delete(house.jar);
        house.service(ArtifactInstaller.class).uninstall(house.jar.toFile());
        TestHouse.await(() -> house.state().equals("missing"));
        assertEquals(TEMPORARY, house.mail());
        house.drop("1.0.0");
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        house.service(Plugins.class).remove("tp");
        assertFalse(Files.exists(house.jar));
        assertEquals("-", house.mail());
        assertEquals("unknown", house.state());
        house.reopen();
        assertEquals("-", house.mail());
    }

    @Test
    void aMissingPluginIsStillMissingAfterARestart() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        Files.delete(house.jar);
        house.reopen();
        assertEquals("missing", house.state());
        assertEquals(TEMPORARY, house.mail());
        assertEquals("missing", house.service(Plugins.class).order().get(0).mode());
    }

    @Test
    void aVanishedConfigurationOfAKnownPluginIsMissing() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        house.settings.clear("tp");
        TestHouse.await(() -> house.mail().equals(TEMPORARY));
        house.settings.set("tp", "one");
        TestHouse.await(() -> house.mail().equals("550 5.7.1 1.0.0 one"));
    }

    @Test
    void aDisabledPluginStaysDisabledOverARestart() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        house.service(Plugins.class).disable("tp");
        assertEquals("-", house.mail());
        house.reopen();
        assertEquals("disabled", house.state());
        assertEquals("-", house.mail());
        house.service(Plugins.class).enable("tp");
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
    }

    @Test
    void aHookThatIsSwitchedOffIsNeitherAskedNorExpected() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        house.framework
                .configurations()
                .getFactoryConfiguration("hooks", "tp", "?")
                .update(FrameworkUtil.asDictionary(Map.of("mode", "off")));
        TestHouse.await(() -> house.mail().equals("-"));
        assertEquals("off", house.service(Plugins.class).order().get(0).mode());
        house.framework
                .configurations()
                .getFactoryConfiguration("hooks", "tp", "?")
                .delete();
        TestHouse.await(() -> house.mail().equals("550 5.7.1 1.0.0 one"));
    }

    @Test
    void refusesAHookNameThatAnotherPluginHas() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.settings.set("other", "two");
        house.open();
        Path second = house.jar.resolveSibling("other.jar");
        TestJar.write(second, "other", "1.0.0", "Provide-Capability", "org.posthouse.hook;class=t.H;name=tp");
        house.service(ArtifactInstaller.class).install(second.toFile());
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals(1, house.bundles().size());
    }

    @Test
    void aReplayAsksACandidateThatNobodyElseMeets() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        house.settings.set("tp", "one");
        house.open();
        Path candidate = dir.resolve("elsewhere/tp.jar");
        TestJar.write(candidate, "tp", "2.0.0");
        InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 4711);
        Replays.Recorded recorded = RecordedJson.of(
                new byte[0],
                new Pipeline.Facts("S", "feeder", "relay", peer, peer, "", true),
                "client",
                Sender.of(Address.of("a@ask.example")),
                List.of());
        Replays replays = house.service(Replays.class);
        assertEquals("550 5.7.1 1.0.0 one", verdict(replays, recorded, null));
        assertEquals("550 5.7.1 2.0.0 one", verdict(replays, recorded, new Replays.Candidate("tp", candidate, null)));
        assertEquals("550 5.7.1 2.0.0 two", verdict(replays, recorded, new Replays.Candidate("tp", candidate, "two")));
        assertEquals("550 5.7.1 1.0.0 two", verdict(replays, recorded, new Replays.Candidate("tp", null, "two")));
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        TestHouse.await(() -> house.bundles().size() == 1);
        Replays.Candidate bad = new Replays.Candidate("tp", null, "bad");
        assertThrows(Plugins.PluginException.class, () -> replays.run(List.of(recorded), bad));
    }

    private static String verdict(Replays replays, Replays.Recorded recorded, Replays.Candidate candidate)
            throws Exception {
        return replays.run(List.of(recorded), candidate).get(0).verdicts().get("mail");
    }

    @Test
    void takesOnlyJarsOfItsFolder() throws Exception {
        house.open();
        ArtifactInstaller installer = house.service(ArtifactInstaller.class);
        assertTrue(installer.canHandle(house.jar.toFile()));
        assertFalse(installer.canHandle(new File(house.jar.getParent().toFile(), "a.cfg")));
        assertFalse(installer.canHandle(dir.resolve("tp.jar").toFile()));
        Files.writeString(house.jar, "no jar");
        house.dropped();
        assertEquals("unknown", house.state());
    }
}
