// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.posthouse.api.operator.Command;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Plugins.PluginException;

/** Installs, shows, rolls back and removes by command. */
@Timeout(120)
final class InstallTest {
    @TempDir
    private Path dir;

    private TestHouse house;
    private Path given;

    @BeforeEach
    void start() throws Exception {
        house = new TestHouse(dir);
        given = dir.resolve("given/some.jar");
        house.settings.set("tp", "one");
    }

    @AfterEach
    void stop() throws Exception {
        house.close();
    }

    private Plugins.Plugin install(String version, String... headers) throws Exception {
        TestJar.write(given, "tp", version, headers);
        return house.plugins().install(given);
    }

    private String refused(String version, String... headers) throws Exception {
        TestJar.write(given, "tp", version, headers);
        return refused();
    }

    private String refused() {
        return String.valueOf(
                assertThrows(PluginException.class, () -> house.plugins().install(given))
                        .getMessage());
    }

    private List<String> roles() throws PluginException {
        return house.plugins().show("tp").generations().stream()
                .map(standing -> standing.role() + " " + standing.version())
                .toList();
    }

    @Test
    void installsAJarThatServesWhenTheCommandReturns() throws Exception {
        house.open();
        Plugins.Plugin plugin = install("1.0.0");
        assertEquals("active", plugin.state());
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertArrayEquals(Files.readAllBytes(given), Files.readAllBytes(house.jar));
        assertTrue(plugin.generation().startsWith("1@"), plugin.generation());
        house.dropped(); // FileInstall's own scan finds the file, too.
        assertEquals(plugin.generation(), house.plugins().list().get(0).generation());
        assertEquals(
                1,
                house.events.stream()
                        .filter(e -> "active".equals(e.facts().get("action")))
                        .count());
    }

    @Test
    void leavesTheFolderAsItWasWhenAJarIsRefused() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        byte[] former = Files.readAllBytes(house.jar);
        house.open();
        String unresolved = refused("2.0.0", "Import-Package", "org.posthouse.api,no.such.pack");
        assertTrue(unresolved.contains("can not be resolved") && unresolved.contains("no.such.pack"), unresolved);
        String undeclared = refused("2.0.0", "Provide-Capability", "org.posthouse.hook;class=t.Gone;name=tp");
        assertTrue(undeclared.contains("no component provides it"), undeclared);
        byte[] whole = Files.readAllBytes(given);
        Files.write(given, Arrays.copyOf(whole, whole.length / 2));
        String half = refused();
        assertTrue(half.contains("can not be read"), half);
        house.settings.set("tp", "throw");
        String thrown = refused("2.0.0");
        assertTrue(thrown.contains("could not be constructed"), thrown);
        assertArrayEquals(former, Files.readAllBytes(house.jar));
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        try (var files = Files.list(house.jar.getParent())) {
            assertEquals(List.of(house.jar), files.toList());
        }
    }

    @Test
    void replacesTheLinkOfAShippedPluginAndNotItsTarget() throws Exception {
        Path shipped = dir.resolve("shipped/tp.jar");
        TestJar.write(shipped, "tp", "1.0.0");
        byte[] target = Files.readAllBytes(shipped);
        Files.createDirectories(house.jar.getParent());
        Files.createSymbolicLink(house.jar, shipped);
        house.open();
        install("2.0.0");
        assertFalse(Files.isSymbolicLink(house.jar));
        assertArrayEquals(target, Files.readAllBytes(shipped));
        assertEquals("550 5.7.1 2.0.0 one", house.mail());
    }

    @Test
    void takesThePlaceOfAJarWithAnotherFileName() throws Exception {
        Path other = house.jar.resolveSibling("tp-1.0.0.jar");
        TestJar.write(other, "tp", "3.0.0");
        house.open();
        install("2.0.0");
        assertFalse(Files.exists(other));
        house.reopen();
        assertEquals("550 5.7.1 2.0.0 one", house.mail());
    }

    @Test
    void swapsBackAndForthByRollback() throws Exception {
        house.open();
        install("1.0.0");
        assertFalse(house.plugins().hasPrevious("tp"));
        install("2.0.0");
        assertTrue(house.plugins().hasPrevious("tp"));
        assertEquals(List.of("watched 2.0.0", "previous 1.0.0"), roles());
        assertEquals("1.0.0", house.plugins().rollback("tp").version());
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals(List.of("in force 1.0.0", "previous 2.0.0"), roles());
        house.plugins().rollback("tp");
        assertEquals("550 5.7.1 2.0.0 one", house.mail());
        house.plugins().rollback("tp");
        house.reopen();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals(
                3.0,
                house.meters
                        .get("posthouse.plugin.rollbacks")
                        .tags("plugin", "tp", "by", "operator")
                        .counter()
                        .count());
    }

    @Test
    void rollsBackAJarThatWasOverwrittenInTheFolder() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        byte[] former = Files.readAllBytes(house.jar);
        house.open();
        house.drop("2.0.0");
        house.plugins().rollback("tp");
        assertArrayEquals(former, Files.readAllBytes(house.jar));
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
    }

    @Test
    void rollsBackWhileTheOldGenerationStillDrains() throws Exception {
        house.open();
        install("1.0.0");
        var session = house.connect();
        var open = TestHouse.begin(session);
        install("2.0.0");
        assertEquals(List.of("watched 2.0.0", "draining 1.0.0", "previous 1.0.0"), roles());
        house.plugins().rollback("tp");
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals("550 5.7.1 1.0.0 one", String.valueOf(open.mail().reply()));
        open.close();
    }

    @Test
    void saysThatThereIsNothingToRollBackTo() throws Exception {
        house.open();
        install("1.0.0");
        PluginException e =
                assertThrows(PluginException.class, () -> house.plugins().rollback("tp"));
        assertTrue(String.valueOf(e.getMessage()).contains("no version before"), e.getMessage());
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
    }

    @Test
    void removesTheKeptJarsToo() throws Exception {
        house.open();
        install("1.0.0");
        install("2.0.0");
        Path previous = dir.resolve("data/state/previous/tp.jar");
        assertTrue(Files.exists(previous));
        house.plugins().remove("tp");
        assertFalse(Files.exists(previous));
        assertFalse(Files.exists(dir.resolve("data/state/serving/tp.jar")));
        assertFalse(Files.exists(house.jar));
        assertEquals("-", house.mail());
    }

    @Test
    void waitsForAConfigurationAfterAnInstall() throws Exception {
        house.settings.clear("tp");
        house.open();
        assertEquals("waiting", install("1.0.0").state());
        house.settings.set("tp", "one");
        TestHouse.await(() -> house.mail().equals("550 5.7.1 1.0.0 one"));
    }

    @Test
    void installsADisabledPluginWithoutAskingIt() throws Exception {
        house.open();
        install("1.0.0");
        house.plugins().disable("tp");
        assertEquals("disabled", install("2.0.0").state());
        assertEquals("-", house.mail());
        house.plugins().enable("tp");
        assertEquals("550 5.7.1 2.0.0 one", house.mail());
    }

    @Test
    void showsWhatAJarIsBeforeItIsInstalled() throws Exception {
        house.open();
        TestJar.make(
                given,
                "tp",
                "1.0.0",
                """
                package t;
                import org.posthouse.api.*;
                import org.posthouse.api.hook.*;
                public final class H implements MailHook {
                    public void activate(java.util.Map<String, Object> config) {}
                    public Verdict onMail(Transaction tx, Sender sender) {
                        try (java.net.Socket s = new java.net.Socket("192.0.2.1", 25)) { return Verdict.next(); }
                        catch (java.io.IOException e) { System.exit(1); return Verdict.next(); }
                    }
                }
                """,
                List.of("hook.MailHook"),
                "Provide-Capability",
                "org.posthouse.hook;class=t.H;name=tp;after:List<String>=\"spf\";needs:List<String>=\"BODY,PEER\"");
        Plugins.Profile profile = house.plugins().inspect(given);
        assertEquals("1.0.0", profile.version());
        assertEquals("", profile.signer());
        assertEquals(List.of("t.H"), profile.uses().get("network"));
        assertEquals(List.of("t.H"), profile.uses().get("exit"));
        assertEquals(
                List.of("uses the network in t.H, but none of its hooks declares needs = NETWORK"),
                profile.uses().get("undeclared"));
        assertEquals(List.of("BODY", "PEER"), profile.hooks().get(0).needs());
        assertEquals(List.of("spf"), profile.hooks().get(0).after());
        assertTrue(house.plugins().list().isEmpty());
        assertTrue(house.bundles().isEmpty());
    }

    @Test
    void aPluginThatBringsOnlyACommandServesAndItsOldServiceGoes() throws Exception {
        house.open();
        String source = """
                package t;
                import org.posthouse.api.operator.*;
                public final class H implements Command {
                    public void activate(java.util.Map<String, Object> config) {}
                    public String group() { return "tp"; }
                    public String name() { return "say"; }
                    public String help() { return "VERSION"; }
                    public boolean changes() { return false; }
                    public Table run(Arguments arguments) { return Table.says("VERSION"); }
                }
                """;
        TestJar.make(given, "tp", "1.0.0", source, List.of("operator.Command"), "Provide-Capability", "");
        assertEquals("active", house.plugins().install(given).state());
        assertEquals(List.of("Command"), house.plugins().show("tp").services());
        assertEquals("1.0.0", house.service(Command.class).help());
        TestJar.make(given, "tp", "2.0.0", source, List.of("operator.Command"), "Provide-Capability", "");
        house.plugins().install(given);
        TestHouse.await(() -> services() == 1);
        assertEquals("2.0.0", house.service(Command.class).help());
        house.plugins().remove("tp");
        TestHouse.await(() -> services() == 0);
    }

    private int services() {
        try {
            return house.framework
                    .context()
                    .getServiceReferences(Command.class, null)
                    .size();
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void refusesAnAuthenticatorThatMayNotSeeSecrets() throws Exception {
        house.open();
        TestJar.make(given, "tp", "1.0.0", """
                package t;
                import org.posthouse.api.*;
                import org.posthouse.api.hook.*;
                public final class H implements Authenticator {
                    public void activate(java.util.Map<String, Object> config) {}
                    public Answer authenticate(Session session, Credentials c) { return new Answer.Denied("no"); }
                }
                """, List.of("hook.Authenticator"));
        assertTrue(refused().contains("needs = SECRETS"));
    }

    private void pipeline(Map<String, Object> values) throws Exception {
        house.framework
                .configurations()
                .getConfiguration(HookRules.PIPELINE_PID, "?")
                .update(FrameworkUtil.asDictionary(values));
    }

    @Test
    void putsTheJarBeforeBackWhenTheNewOneFails() throws Exception {
        house.open();
        install("1.0.0");
        byte[] former = Files.readAllBytes(house.jar);
        install("9.0.0");
        byte[] bad = Files.readAllBytes(house.jar);
        TestHouse.await(() -> {
            house.mail();
            return house.told("rolled back");
        });
        assertTrue(house.detail("rolled back").matches("failures [0-9]+ % of [0-9]+ answers, limit 5 %"));
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertArrayEquals(former, Files.readAllBytes(house.jar));
        assertArrayEquals(bad, Files.readAllBytes(dir.resolve("data/state/previous/tp.jar")));
        house.reopen();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals(
                1.0,
                house.meters
                        .get("posthouse.plugin.rollbacks")
                        .tags("plugin", "tp", "by", "watch")
                        .counter()
                        .count());
    }

    @Test
    void putsTheJarBeforeBackWhenTheNewOneIsSlow() throws Exception {
        house.open();
        install("1.0.0");
        for (int i = 0; i < 120; i++) {
            house.mail();
        }
        install("8.0.0");
        TestHouse.await(() -> {
            house.mail();
            return house.told("rolled back");
        });
        assertTrue(house.detail("rolled back").matches("mean answer .* ms over .*, limit 5 times as long"));
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
    }

    @Test
    void keepsAVersionWhoseFirstAnswersAloneAreSlow() throws Exception {
        pipeline(Map.of("watch", 4000L));
        house.open();
        install("1.0.0");
        for (int i = 0; i < 120; i++) {
            house.mail();
        }
        install("7.0.0");
        for (int i = 0; i < 300; i++) {
            house.mail();
        }
        TestHouse.await(() -> house.told("kept"));
        assertEquals("550 5.7.1 7.0.0 one", house.mail());
    }

    @Test
    void keepsAGoodVersionWhenItsTimeIsOver() throws Exception {
        pipeline(Map.of("watch", 1L));
        house.open();
        install("1.0.0");
        install("2.0.0");
        TestHouse.await(() -> house.told("kept"));
        assertEquals(List.of("in force 2.0.0", "previous 1.0.0"), roles());
        assertEquals("550 5.7.1 2.0.0 one", house.mail());
    }

    @Test
    void goesOnWatchingAfterARestart() throws Exception {
        house.open();
        install("1.0.0");
        install("9.0.0");
        house.reopen();
        assertEquals(List.of("watched 9.0.0", "previous 1.0.0"), roles());
        TestHouse.await(() -> {
            house.mail();
            return house.told("rolled back");
        });
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
    }

    @Test
    void putsTheJarBeforeBackWhenTheProcessEndsUnderTheNewOneAgainAndAgain() throws Exception {
        house.open();
        install("1.0.0");
        byte[] former = Files.readAllBytes(house.jar);
        install("2.0.0");
        byte[] bad = Files.readAllBytes(house.jar);
        house.reopen();
        house.crash();
        house.reopen();
        house.crash();
        assertEquals(List.of("watched 2.0.0", "previous 1.0.0"), roles());
        house.crash();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertEquals("the process ended 3 times without a stop under it", house.detail("rolled back"));
        assertArrayEquals(former, Files.readAllBytes(house.jar));
        assertArrayEquals(bad, Files.readAllBytes(dir.resolve("data/state/previous/tp.jar")));
        assertEquals(List.of("in force 1.0.0", "previous 2.0.0"), roles());
        house.reopen();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
    }

    @Test
    void restartsCountNoMoreWhenTheNewVersionIsKept() throws Exception {
        pipeline(Map.of("watch", 1L));
        house.open();
        install("1.0.0");
        install("2.0.0");
        TestHouse.await(() -> house.told("kept"));
        for (int i = 0; i <= Relapses.MOST_FALLS; i++) {
            house.crash();
        }
        assertEquals(List.of("in force 2.0.0", "previous 1.0.0"), roles());
    }

    @Test
    void putsTheJarBeforeBackWhenTheDroppedOneEndsTheProcessBeforeItServes() throws Exception {
        TestJar.write(house.jar, "tp", "1.0.0");
        byte[] former = Files.readAllBytes(house.jar);
        house.open();
        house.stop();
        TestJar.write(house.jar, "tp", "2.0.0");
        Path watched = dir.resolve("data/state/watched-plugins");
        String hash = PluginJar.read(house.jar, dir, Trust.ANYBODY).hash();
        new Vigils(watched).begin("tp", hash, System.currentTimeMillis() + 60_000);
        for (int i = 1; i < Relapses.MOST_FALLS; i++) {
            assertEquals(i, new Vigils(watched).of("tp").falls());
        }
        house.open();
        assertEquals("550 5.7.1 1.0.0 one", house.mail());
        assertArrayEquals(former, Files.readAllBytes(house.jar));
        assertEquals(List.of("in force 1.0.0", "previous 2.0.0"), roles());
    }

    @Test
    void aDroppedVersionIsKnownBeforeAnythingOfItRuns() throws Exception {
        house.open();
        install("1.0.0");
        Path watched = dir.resolve("data/state/watched-plugins");
        TestJar.make(house.jar, "tp", "2.0.0", """
                package t;
                import org.posthouse.api.*;
                import org.posthouse.api.hook.*;
                public final class H implements MailHook {
                    public void activate(java.util.Map<String, Object> config) throws java.io.IOException {
                        java.nio.file.Path watched = java.nio.file.Path.of("WATCHED");
                        java.nio.file.Files.copy(watched, watched.resolveSibling("seen"));
                    }
                    public Verdict onMail(Transaction tx, Sender sender) { return Verdict.next(); }
                }
                """.replace("WATCHED", watched.toString()), List.of("hook.MailHook"));
        house.dropped();
        List<String> seen = Files.readAllLines(watched.resolveSibling("seen"));
        String hash = PluginJar.read(house.jar, dir, Trust.ANYBODY).hash();
        assertTrue(seen.get(0).startsWith("tp\t" + hash), seen.toString());
    }
}
