// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Installing, rolling back, tracing, shadow reports and replays, as they are typed. */
final class PluginCommandsTest {
    private static final String PROFILE = "{'name':'greylist','version':'2.0.0','hash':'1a2b','signer':'',"
            + "'hooks':[{'hook':'greylist','stage':'rcpt','needs':['PEER','EDIT_HEADERS'],'after':['spf'],'before':[],"
            + "'timeoutMillis':5000,'onFailure':'DEFER'}],'services':['Command'],'uses':{'network':['a.B','a.C','a.D','a.E']},"
            + "'generations':[]}";

    private static final String STEP = "{'stage':'mail','about':'','hook':'block-sender','plugin':'block-sender',"
            + "'version':'1.0.0','generation':'1@1a','mode':'enforce','atMicros':31000,'micros':12,'verdict':'reject',"
            + "'reply':'550 5.7.1 Refused','reason':'listed','edits':['tag odd'],'scores':{'X':3.5},'results':[]}";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private CannedServer server;
    private Path jar;

    @BeforeEach
    void start() throws Exception {
        server = new CannedServer()
                .on("POST /api/v1/uploads", 200, "{'id':'u1','octets':3}")
                .on("DELETE /api/v1/uploads/u1", 200, "{'name':'u1','done':'dropped'}")
                .on("POST /api/v1/plugins?dryRun=true&upload=u1", 200, PROFILE)
                .on(
                        "POST /api/v1/plugins?upload=u1",
                        200,
                        "{'name':'greylist','version':'2.0.0','state':'active','generation':'4@1a','detail':'','hooks':[]}");
        Files.writeString(folder.resolve("token"), "t0ken\n");
        jar = Files.writeString(folder.resolve("greylist.jar"), "jar");
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void showsWhatAJarMayDoBeforeItIsInstalled() {
        assertEquals(0, install(new FakeTerminal(true, "y")), err::toString);
        assertEquals("""
                Plugin:      greylist 2.0.0
                SHA-256:     1a2b
                Signed by:   nobody
                Offers:      Command
                Uses:        network, in a.B, a.C, a.D and 1 more

                HOOK      STAGE  NEEDS               AFTER  BEFORE  BUDGET ms  ON FAILURE
                greylist  rcpt   peer, edit-headers  spf                 5000  defer

                greylist: installed, active, generation 4@1a
                """, out.toString());
        assertEquals("POST /api/v1/uploads Bearer t0ken jar", server.asked().getFirst());
    }

    @Test
    void installsNothingWithoutAYes() {
        assertEquals(1, install(new FakeTerminal(true, "")));
        assertEquals(1, install(new FakeTerminal(true)));
        assertEquals(1, install(new FakeTerminal(false)));
        assertEquals("""
                posthouse: Nothing was installed
                posthouse: Nothing was installed
                posthouse: There is no terminal to ask at: --yes installs it without a question
                """, err.toString());
        assertTrue(
                server.asked().stream().noneMatch(asked -> asked.startsWith("POST /api/v1/plugins?upload")),
                () -> server.asked().toString());
        assertTrue(server.asked().getLast().startsWith("DELETE /api/v1/uploads/u1"));
    }

    @Test
    void doesNotAskWithYes() {
        assertEquals(0, install(new FakeTerminal(false), "--yes", "--json"), err::toString);
        assertTrue(out.toString().startsWith("{\"name\":\"greylist\""), out::toString);
    }

    @Test
    void saysWhyAJarIsRefused() {
        server.on("POST /api/v1/plugins?dryRun=true&upload=u1", 409, "{'detail':'is no plugin'}");
        assertEquals(1, install(new FakeTerminal(false), "--yes"));
        assertEquals(1, run("plugin", "install", folder.resolve("nothing.jar").toString()));
        assertEquals(
                "posthouse: is no plugin\nposthouse: There is no file " + folder.resolve("nothing.jar") + "\n",
                err.toString());
    }

    @Test
    void showsAndRollsBack() {
        server.on(
                        "GET /api/v1/plugins/greylist",
                        200,
                        PROFILE.replace(
                                "'generations':[]",
                                "'state':'active','generations':[{'label':'4@1a','version':'2.0.0','role':'watched',"
                                        + "'share':100,'since':'2026-11-25T08:00:00Z','calls':7,'failures':0,'meanMicros':12.54}]"))
                .on(
                        "POST /api/v1/plugins/greylist/rollback",
                        200,
                        "{'name':'greylist','version':'1.0.0','state':'active','generation':'5@00','detail':''}");
        assertEquals(0, run("plugin", "show", "greylist"));
        assertEquals(0, run("plugin", "rollback", "greylist"));
        assertTrue(
                out.toString()
                        .contains(
                                "4@1a        2.0.0    watched      100  2026-11-25T08:00:00Z      7         0     12.5"),
                out::toString);
        assertTrue(
                out.toString().endsWith("greylist: rolled back to version 1.0.0, active, generation 5@00\n"),
                out::toString);
    }

    private static String rollout(String outcome, String... steps) {
        StringBuilder all = new StringBuilder("{'id':'r1','action':'install','plugin':'greylist','version':'2.0.0',"
                + "'outcome':'" + outcome + "','detail':'','nodes':[{'name':'a','steps':[");
        for (String step : steps) {
            all.append(all.charAt(all.length() - 1) == '[' ? "" : ",")
                    .append("{'state':'" + step + "','at':'2026-11-25T08:00:00.1Z','detail':'why'}");
        }
        return all + "]}]}";
    }

    @Test
    void followsARolloutToItsEnd() {
        server.on(
                        "POST /api/v1/plugins?upload=u1&scope=cluster&first=b&skipMissing=true",
                        200,
                        rollout("running", "waiting"))
                .on("GET /api/v1/plugins/rollout", 200, rollout("done", "waiting", "serves"));
        assertEquals(
                0,
                install(new FakeTerminal(false), "--yes", "--everywhere", "--first", "b", "--skip-missing"),
                err::toString);
        assertTrue(out.toString().endsWith("""
                2026-11-25T08:00:00Z  a: waiting: why
                2026-11-25T08:00:00Z  a: serves: why
                greylist 2.0.0: install done
                """), out::toString);
        server.on("POST /api/v1/plugins/greylist/disable?scope=cluster", 200, rollout("undone", "rolled back"));
        assertEquals(1, run("plugin", "disable", "greylist", "--everywhere"));
        assertEquals(0, run("plugin", "rollout", "--json"));
        assertEquals(1, install(new FakeTerminal(false), "--yes", "--first", "b"));
        assertEquals("posthouse: --first and --skip-missing need --everywhere\n", err.toString());
    }

    @Test
    void appliesTheCommonConfiguration() throws Exception {
        server.on("POST /api/v1/cluster/config", 200, "{'id':'c1','nodes':{'a':'in force','b':'in force'}}");
        Path spf = Files.writeString(folder.resolve("spf.yaml"), "a: \"b\"\n");
        Path common = Files.writeString(folder.resolve("default.yaml"), "");
        assertEquals(
                0,
                run("cluster", "config", "apply", spf.toString(), common.toString(), "--remove", "old"),
                err::toString);
        assertEquals("""
                NODE  CHANGE c1
                a     in force
                b     in force
                """, out.toString());
        assertEquals(
                "POST /api/v1/cluster/config Bearer t0ken {\"files\":{\"plugins/spf.yaml\":\"a: \\\"b\\\"\\n\","
                        + "\"default.yaml\":\"\"},\"remove\":[\"plugins/old.yaml\"]}",
                server.asked().getLast());
        server.on("POST /api/v1/cluster/config", 422, "{'detail':'Nothing was changed','findings':['b: no']}");
        assertEquals(1, run("cluster", "config", "apply", spf.toString()));
        assertEquals("posthouse: Nothing was changed\nposthouse:   b: no\n", err.toString());
    }

    @Test
    void showsWhatDiffersOnOtherMembers() {
        server.on(
                "GET /api/v1/cluster/config",
                200,
                "{'members':[{'node':'a','state':'same','detail':'','files':{}},"
                        + "{'node':'b','state':'differs','detail':'','files':{'plugins/spf.yaml':'missing'}}]}");
        assertEquals(1, run("cluster", "config", "diff"));
        assertEquals("""
                NODE  CONFIG   FILE              THERE    DETAIL
                a     same
                b     differs  plugins/spf.yaml  missing
                """, out.toString());
    }

    @Test
    void printsATraceAsATimeline() {
        server.on(
                "GET /api/v1/traces/M1",
                200,
                "{'id':'M1','session':'S1','begun':'2026-11-25T08:00:00.250Z','facts':{'sender':'a@b'},'decision':'',"
                        + "'steps':[" + STEP
                        + "],'events':[{'type':'transient_failure','at':'2026-11-25T08:00:05.400Z',"
                        + "'facts':{'host':'mx.example.net'}}]}");
        assertEquals(0, run("trace", "M1"), err::toString);
        assertEquals("""
                Message:     M1
                Session:     S1
                Begun:       2026-11-25T08:00:00.250Z
                Sender:      a@b
                Decision:    still open

                 AT ms  STAGE  ABOUT  HOOK          VERSION  GENERATION  MODE  TOOK ms  VERDICT  WHY
                31.000  mail          block-sender  1.0.0    1@1a                0.012  reject   550 5.7.1 Refused
                                                                                                 listed
                                                                                                 edit: tag odd
                                                                                                 score: X 3.5

                AFTER s  EVENT              FACTS
                  5.150  transient failure  host=mx.example.net
                """, out.toString());
    }

    @Test
    void watchesAndUnwatches() {
        server.on("POST /api/v1/traces/watches", 200, "{'id':'w1'}")
                .on(
                        "GET /api/v1/traces/watches",
                        200,
                        "{'watches':[{'id':'w1','sender':'@b','recipient':'','peer':'','count':3,'since':'2026-11-25T08:00:00Z','stored':1}]}")
                .on("DELETE /api/v1/traces/watches/w1", 200, "{'name':'w1','done':'ended'}")
                .on("GET /api/v1/traces/stored", 200, "{'stored':['M1','M2']}")
                .on(
                        "GET /api/v1/traces?limit=50",
                        200,
                        "{'traces':[{'id':'M1','session':'S1','begun':'2026-11-25T08:00:00Z','facts':{},'micros':1500,'decision':'queued'}]}");
        assertEquals(0, run("trace", "watch", "--sender", "@b", "--count", "3"), err::toString);
        assertEquals(0, run("trace", "watches"));
        assertEquals(0, run("trace", "unwatch", "w1"));
        assertEquals(0, run("trace", "stored"));
        assertEquals(0, run("trace", "list"));
        assertEquals("""
                Watch w1 waits; 'posthouse trace stored' lists what it stored
                WATCH  SINCE                 SENDER  RECIPIENT  CLIENT  WANTED  STORED
                w1     2026-11-25T08:00:00Z  @b                              3       1
                Watch w1 ended
                M1
                M2
                BEGUN                 MESSAGE  SESSION  CLIENT  FROM  TO  HOOKS ms  DECISION
                2026-11-25T08:00:00Z  M1       S1                            1.500  queued
                """, out.toString());
        assertEquals(
                "POST /api/v1/traces/watches Bearer t0ken {\"sender\":\"@b\",\"recipient\":\"\",\"peer\":\"\",\"count\":3}",
                server.asked().getFirst());
    }

    @Test
    void reportsShadows() {
        server.on(
                        "GET /api/v1/shadow",
                        200,
                        "{'reports':[{'hook':'greylist','generation':'1@5e','mode':'shadow','since':'2026-11-25T08:00:00Z',"
                                + "'asked':100,'failed':2,'meanMicros':3.14,'lines':[{'stage':'rcpt','verdict':'defer',"
                                + "'edits':true,'senderDomain':'example.org','count':40}],'samples':[{'at':'2026-11-25T08:00:01Z',"
                                + "'id':'M1','stage':'rcpt','sender':'','about':'b@c','verdict':'defer','reason':'new',"
                                + "'edits':['tag x','zone y']}]}]}")
                .on("DELETE /api/v1/shadow/greylist", 200, "{'name':'greylist','done':'reset'}");
        assertEquals(0, run("shadow", "greylist"), err::toString);
        assertEquals(1, run("shadow", "nobody"));
        assertEquals(0, run("shadow", "greylist", "--reset"));
        assertEquals(1, run("shadow", "--reset"));
        assertEquals("""
                greylist (shadow, generation 1@5e): asked 100 times since 2026-11-25T08:00:00Z, failed 2, mean 3.1 µs
                STAGE  VERDICT  EDITS  SENDER DOMAIN  COUNT
                rcpt   defer    with   example.org       40

                AT                    MESSAGE  STAGE  SENDER  ABOUT  VERDICT  REASON  EDITS
                2026-11-25T08:00:01Z  M1       rcpt   <>      b@c    defer    new     tag x; zone y
                greylist: counted anew from now on
                """, out.toString());
        assertEquals(
                "posthouse: Nothing was counted of a hook nobody\nposthouse: Name the hook that is to be counted anew\n",
                err.toString());
    }

    @Test
    void replaysAMessageAndCompares() throws Exception {
        Path eml = Files.writeString(folder.resolve("a.eml"), "Subject: x\n\n");
        server.on(
                "POST /api/v1/replay",
                200,
                "{'compared':true,'judged':1,'different':1,'more':false,'outcomes':[{'id':'','same':false,'sender':'a@b',"
                        + "'before':{'mail':'250','rcpt b@c':'accept'},'now':{'mail':'550 5.7.1 Refused'},'steps':["
                        + STEP
                        + "]}]}");
        assertEquals(
                1,
                run(
                        "replay",
                        eml.toString(),
                        "--sender",
                        "a@b",
                        "--recipient",
                        "b@c",
                        "--plugin",
                        "block-sender",
                        "--jar",
                        jar.toString()),
                err::toString);
        assertTrue(out.toString().startsWith("""
                   WHAT      BEFORE  NOW
                *  mail      250     550 5.7.1 Refused
                *  rcpt b@c  accept
                """), out::toString);
        String asked = server.asked().stream()
                .filter(line -> line.startsWith("POST /api/v1/replay"))
                .findFirst()
                .orElseThrow();
        assertTrue(asked.contains("\"candidate\":{\"plugin\":\"block-sender\",\"jar\":\"u1\"}"), asked);
        assertTrue(asked.contains("\"recipients\":[\"b@c\"]"), asked);
    }

    @Test
    void replaysARecordingToItsEnd() {
        server.on(
                "POST /api/v1/replay",
                200,
                "{'compared':true,'judged':2,'different':1,'more':false,'outcomes':[{'id':'M1','same':true,'sender':'a@b',"
                        + "'before':{},'now':{},'steps':[]},{'id':'M2','same':false,'sender':'','before':{'mail':'250'},"
                        + "'now':{'mail':'550 5.7.1 Refused'},'steps':[" + STEP + "]}]}");
        assertEquals(1, run("replay", "monday", "--count", "250"), err::toString);
        assertEquals("""
                MESSAGE  FROM  WHAT  BEFORE  NOW                BY
                M2       <>    mail     250  550 5.7.1 Refused  block-sender
                2 judged, 1 otherwise than before
                """, out.toString());
        assertEquals(
                "POST /api/v1/replay Bearer t0ken {\"recording\":\"monday\",\"from\":0,\"count\":100}",
                server.asked().getFirst());
        assertEquals(1, run("replay", "monday", "--json"));
        assertTrue(out.toString().endsWith("],\"judged\":2,\"different\":1}\n"), out::toString);
    }

    @Test
    void refusesReplaysThatMakeNoSense() throws Exception {
        Path eml = Files.writeString(folder.resolve("a.eml"), "Subject: x\n\n");
        assertEquals(1, run("replay", eml.toString()));
        assertEquals(1, run("replay", folder.resolve("b.eml").toString()));
        assertEquals(1, run("replay", "monday", "--jar", jar.toString()));
        assertEquals(1, run("replay", "monday", "--plugin", "x"));
        assertEquals(4, err.toString().lines().count(), err::toString);
        assertEquals(List.of(), server.asked());
    }

    @Test
    void recordsAndStops() {
        String recording = "{'running':true,'name':'monday','percent':10,'bodies':true,'count':500}";
        server.on("POST /api/v1/recordings", 200, recording)
                .on("GET /api/v1/recordings", 200, recording)
                .on("DELETE /api/v1/recordings", 200, "{'running':false,'name':''}");
        assertEquals(0, run("record", "start", "monday", "--percent", "10", "--bodies", "--count", "500"));
        assertEquals(0, run("record", "status"));
        assertEquals(0, run("record", "stop"));
        assertEquals("""
                Recording monday: 10 % of transactions, with bodies, 500 at most
                Recording monday: 10 % of transactions, with bodies, 500 at most
                Nothing was being recorded
                """, out.toString());
    }

    private int install(Terminal terminal, String... more) {
        CommandLine line = new CommandLine(new PluginInstallCommand(terminal))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return line.execute(Stream.concat(
                        Stream.of(
                                jar.toString(),
                                "--url",
                                server.url(),
                                "--token-file",
                                folder.resolve("token").toString()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private int run(String... words) {
        List<String> all = new ArrayList<>(List.of(words).subList(1, words.length));
        all.addAll(List.of(
                "--url", server.url(), "--token-file", folder.resolve("token").toString()));
        CommandLine group = OperatorCommands.all().stream()
                .filter(line -> line.getCommandName().equals(words[0]))
                .findFirst()
                .orElseThrow();
        group.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return group.execute(all.toArray(String[]::new));
    }
}
