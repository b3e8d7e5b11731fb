// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.RecordedJson;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Turn;

/** Two versions of one plugin side by side. */
@Timeout(120)
final class CanaryTest {
    private static final String OLD = "550 5.7.1 1.0.0 one";
    private static final String NEW = "550 5.7.1 2.0.0 one";

    @TempDir
    private Path dir;

    private TestHouse house;

    @BeforeEach
    void start() throws Exception {
        house = new TestHouse(dir);
        house.settings.set("tp", "one");
        TestJar.write(house.jar, "tp", "1.0.0");
        house.open();
    }

    @AfterEach
    void stop() throws Exception {
        house.close();
    }

    private void share(int percent) throws Exception {
        house.framework
                .configurations()
                .getFactoryConfiguration("hooks", "tp", "?")
                .update(FrameworkUtil.asDictionary(Map.of("share", percent)));
    }

    /** Which version judges each of many sessions. */
    private Map<String, String> judged() {
        Map<String, String> judged = new TreeMap<>();
        for (int i = 0; i < 400; i++) {
            judged.put("session-" + i, house.mail("session-" + i));
        }
        return judged;
    }

    private static long count(Map<String, String> judged, String reply) {
        return judged.values().stream().filter(reply::equals).count();
    }

    private List<String> roles() throws Exception {
        return house.plugins().show("tp").generations().stream()
                .map(standing -> standing.role() + " " + standing.version() + " " + standing.share())
                .toList();
    }

    private Map<String, Integer> shares() throws Exception {
        Map<String, Integer> shares = new HashMap<>();
        for (Plugins.HookLine line : house.plugins().order()) {
            shares.merge(line.stage() + " " + line.version(), line.share(), Integer::sum);
        }
        return shares;
    }

    @Test
    void judgesAShareOfTheSessionsAndKeepsEachWithItsVersion() throws Exception {
        share(30);
        house.drop("2.0.0");
        Map<String, String> judged = judged();
        long fresh = count(judged, NEW);
        assertEquals(judged.size(), fresh + count(judged, OLD));
        assertTrue(fresh > 80 && fresh < 160, "of 400: " + fresh);
        assertEquals(judged, judged());
        assertEquals(List.of("canary 2.0.0 30", "in force 1.0.0 70"), roles());
        share(60);
        TestHouse.await(() -> count(judged(), NEW) > fresh);
        Map<String, String> more = judged();
        judged.forEach((session, reply) ->
                assertTrue(reply.equals(OLD) || more.get(session).equals(NEW), session + " went back"));
    }

    @Test
    void letsTheOldOneLeaveWhenTheShareIsWhole() throws Exception {
        share(50);
        house.drop("2.0.0");
        assertEquals(2, house.bundles().size());
        share(100);
        TestHouse.await(() -> house.bundles().size() == 1);
        assertEquals(400, count(judged(), NEW));
        assertTrue(house.told("promoted"));
        share(50);
        house.reopen();
        assertEquals(400, count(judged(), NEW));
    }

    @Test
    void keepsTheNewOneReadyWithoutSessionsAtNothing() throws Exception {
        share(0);
        house.drop("2.0.0");
        assertEquals(400, count(judged(), OLD));
        assertEquals(List.of("canary 2.0.0 0", "in force 1.0.0 100"), roles());
        share(100);
        TestHouse.await(() -> house.mail().equals(NEW));
    }

    @Test
    void survivesAConfigurationReload() throws Exception {
        share(50);
        house.drop("2.0.0");
        Map<String, String> judged = judged();
        house.settings.set("tp", "two");
        TestHouse.await(() -> house.mail().endsWith("two"));
        Map<String, String> after = judged();
        judged.forEach((session, reply) -> assertEquals(reply.replace("one", "two"), after.get(session)));
    }

    @Test
    void servesBothAgainAfterARestart() throws Exception {
        share(50);
        house.drop("2.0.0");
        Map<String, String> judged = judged();
        house.reopen();
        assertEquals(judged, judged());
        assertEquals(List.of("canary 2.0.0 50", "in force 1.0.0 50"), roles());
    }

    @Test
    void endsByRollbackWithTheVersionThatStands() throws Exception {
        share(50);
        house.drop("2.0.0");
        house.plugins().rollback("tp");
        assertEquals(400, count(judged(), OLD));
        TestHouse.await(() -> house.bundles().size() == 1);
        assertEquals(List.of("in force 1.0.0 100", "previous 2.0.0 0"), roles());
        house.reopen();
        assertEquals(400, count(judged(), OLD));
    }

    @Test
    void rollsABadCanaryBackByItself() throws Exception {
        share(50);
        house.drop("9.0.0");
        judged();
        TestHouse.await(() -> house.told("rolled back"));
        assertEquals(400, count(judged(), OLD));
    }

    @Test
    void aThirdVersionTakesThePlaceOfTheSecond() throws Exception {
        share(50);
        house.drop("2.0.0");
        house.drop("3.0.0");
        TestHouse.await(() -> house.bundles().size() == 2);
        Map<String, String> judged = judged();
        assertEquals(0, count(judged, NEW));
        assertTrue(count(judged, OLD) > 100);
        house.plugins().rollback("tp");
        assertEquals(400, count(judged(), OLD));
    }

    @Test
    void twoVersionsWithDifferentHooksStandInOneOrder() throws Exception {
        share(50);
        TestJar.make(house.jar, "tp", "2.0.0", """
                package t;
                import org.posthouse.api.*;
                import org.posthouse.api.hook.*;
                public final class H implements MailHook, HeloHook {
                    public void activate(java.util.Map<String, Object> config) {}
                    public Verdict onHelo(Session session) { return Verdict.next(); }
                    public Verdict onMail(Transaction tx, Sender sender) { return Verdict.reject("5.7.1", "2.0.0 one"); }
                }
                """, List.of("hook.MailHook", "hook.HeloHook"));
        house.dropped();
        Map<String, String> judged = judged();
        assertEquals(400, count(judged, NEW) + count(judged, OLD));
        Map<String, Integer> shares = Map.of("HELO 2.0.0", 50, "MAIL 2.0.0", 50, "MAIL 1.0.0", 50, "RCPT 1.0.0", 50);
        assertEquals(shares, shares());
        judged.forEach((session, reply) -> {
            try (Conversation conversation = house.connect(session);
                    Turn turn = TestHouse.begin(conversation)) {
                var rcpt = turn.rcpt(Recipient.of(Address.of("b@x.example")));
                assertEquals(reply.equals(OLD), rcpt.refuses(), session);
            }
        });
        house.reopen();
        assertEquals(judged, judged());
        assertEquals(shares, shares());
    }

    @Test
    void eachVersionHasAReportOfTheSessionsThatItJudged() throws Exception {
        share(50);
        house.drop("2.0.0");
        Map<String, String> judged = judged();
        Map<String, Shadows.Report> reports = new HashMap<>();
        for (Shadows.Report report : house.service(Shadows.class).reports()) {
            assertEquals("canary", report.mode());
            reports.put(report.generation().substring(0, 2), report);
        }
        assertEquals(Set.of("1@", "2@"), reports.keySet());
        assertEquals(lines(count(judged, OLD)), reports.get("1@").lines());
        assertEquals(lines(count(judged, NEW)), reports.get("2@").lines());
        assertEquals(count(judged, NEW), reports.get("2@").asked());
    }

    private static List<Shadows.Line> lines(long count) {
        return List.of(new Shadows.Line(Stage.MAIL, "reject", false, "ask.example", count));
    }

    @Test
    void aCandidateOfAnotherPluginStandsWhereItDeclaresBesideBothVersions() throws Exception {
        share(50);
        house.drop("2.0.0");
        Map<String, String> after = replayed("after");
        Map<String, String> before = replayed("before");
        Set<String> said = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            String live = house.mail("session-" + i);
            said.add(live);
            assertEquals(live, after.get("session-" + i));
            assertEquals("550 5.7.1 3.0.0 new", before.get("session-" + i));
        }
        assertEquals(Set.of(OLD, NEW), said);
        assertEquals(1, house.plugins().list().size());
    }

    /** What MAIL of twenty sessions is answered with a candidate whose hook stands after or before ours. */
    private Map<String, String> replayed(String where) throws Exception {
        Path candidate = dir.resolve(where + ".jar");
        String declared = "org.posthouse.hook;class=t.H;name=other;" + where + ":List<String>=\"tp\"";
        TestJar.write(candidate, "other", "3.0.0", "Provide-Capability", declared);
        InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 4711);
        Map<String, String> said = new HashMap<>();
        for (int i = 0; i < 20; i++) {
            Replays.Recorded recorded = RecordedJson.of(
                    new byte[0],
                    new Pipeline.Facts("session-" + i, "feeder", "relay", peer, peer, "", true),
                    "client",
                    Sender.of(Address.of("a@ask.example")),
                    List.of());
            said.put(
                    "session-" + i,
                    house.service(Replays.class)
                            .run(List.of(recorded), new Replays.Candidate("other", candidate, "new"))
                            .get(0)
                            .verdicts()
                            .get("mail"));
        }
        return said;
    }

    @Test
    void aCandidateWithTheNameOfAHookOfAnotherPluginIsRefused() throws Exception {
        Path candidate = dir.resolve("thief.jar");
        TestJar.write(candidate, "other", "3.0.0", "Provide-Capability", "org.posthouse.hook;class=t.H;name=tp");
        Plugins.PluginException e = assertThrows(
                Plugins.PluginException.class,
                () -> house.service(Replays.class).run(List.of(), new Replays.Candidate("other", candidate, "new")));
        assertEquals("hook tp belongs to plugin tp already", e.getMessage());
        TestHouse.await(() -> house.bundles().size() == 1);
    }
}
