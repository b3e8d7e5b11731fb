// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

final class OperatorCommandsTest {
    private static final String ITEM = """
            {'id':'01HF7YAT000000000000000007','received':'2026-11-21T03:00:00.123Z','sender':'%s','recipientCount':2,
            'recipients':['b@example.net','c@example.net'],'states':{'deferred':2},'size':4711,
            'due':'2099-01-01T00:00:00Z','attempts':3,'lastReply':'450 4.2.0 Later','lastHost':'mx.example.net',
            'holdReason':'','tags':[]}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private CannedServer server;

    @BeforeEach
    void start() throws Exception {
        server = new CannedServer();
        Files.writeString(folder.resolve("token"), "t0ken\n");
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void listsTheQueueInAlignedColumns() {
        server.on(
                "GET /api/v1/queue?limit=100&state=deferred&sender=a%2Bb%40example.org",
                200, "{'items':[" + ITEM.formatted("a+b@example.org") + "," + ITEM.formatted("") + "],'next':null}");
        assertEquals(0, run("queue", "list", "--state", "deferred", "--sender", "a+b@example.org"), err::toString);
        assertEquals("""
                MESSAGE                     RECEIVED              SIZE  STATE       DUE                   FROM             TO                LAST REPLY
                01HF7YAT000000000000000007  2026-11-21T03:00:00Z  4711  2 deferred  2099-01-01T00:00:00Z  a+b@example.org  b@example.net +1  mx.example.net: 450 4.2.0 Later
                01HF7YAT000000000000000007  2026-11-21T03:00:00Z  4711  2 deferred  2099-01-01T00:00:00Z  <>               b@example.net +1  mx.example.net: 450 4.2.0 Later
                """, out.toString());
    }

    @Test
    void theConfigurationOfAllMembersIsOursAndTheRestOfTheClusterIsTheServers() {
        CommandLine cluster = new CommandLine(new ClusterCommand());
        assertFalse(OperatorCommands.knows(cluster, "cluster", "status", "--json"));
        assertTrue(OperatorCommands.knows(cluster, "cluster", "config", "diff"));
    }

    @Test
    void followsThePagesWhenAllIsWanted() {
        server.on("GET /api/v1/queue?limit=1000", 200, "{'items':[{'id':'A'}],'next':'A'}")
                .on("GET /api/v1/queue?limit=1000&cursor=A", 200, "{'items':[{'id':'B'}],'next':null}");
        assertEquals(0, run("queue", "list", "--all", "--json"), err::toString);
        assertEquals("{\"items\":[{\"id\":\"A\"},{\"id\":\"B\"}],\"next\":null}\n", out.toString());
    }

    @Test
    void saysThatThereIsMore() {
        server.on("GET /api/v1/queue?limit=1", 200, "{'items':[" + ITEM.formatted("a@b") + "],'next':'A'}");
        assertEquals(0, run("queue", "list", "--limit", "1"));
        assertTrue(out.toString().endsWith("… and more: --all or --limit N\n"), out::toString);
    }

    @Test
    void showsAMessage() {
        server.on(
                "GET /api/v1/queue/X",
                200,
                "{'id':'X','received':'2026-11-21T03:00:00Z','sender':{'address':''},'size':9,'origin':{'peer':'192.0.2.7'},"
                        + "'routing':{'tags':['news','bulk'],'priority':0},'recipients':[{'address':'b@example.net',"
                        + "'state':'held','attempts':0,'due':null,'host':'','reply':''}]}");
        assertEquals(0, run("queue", "show", "X"), err::toString);
        assertEquals("""
                Message:        X
                Received:       2026-11-21T03:00:00Z
                From:           <>
                Size:           9
                Client:         192.0.2.7
                Tags:           news, bulk

                RECIPIENT      STATE  ATTEMPTS  DUE  HOST  REPLY
                b@example.net  held          0
                """, out.toString());
    }

    @Test
    void countsAndSites() {
        server.on("GET /api/v1/queue/counts", 200, "{'messages':12,'octets':3456,'recipients':{'queued':7}}")
                .on(
                        "GET /api/v1/queue/sites",
                        200,
                        "{'sites':[{'name':'mx','waiting':3,'connections':1,'pause':'refused','facts':{'b':2,'a':1}}]}");
        assertEquals(0, run("queue", "counts"));
        assertEquals(0, run("queue", "sites"));
        assertEquals("""
                WHAT      COUNT
                messages     12
                octets     3456
                queued        7
                SITE  WAITING  CONNECTIONS  PAUSE    FACTS
                mx          3            1  refused  a=1 b=2
                """, out.toString());
    }

    @Test
    void namesTheNodesOfAClusterAndThoseThatAreMissing() {
        String item = ITEM.formatted("a@b").replace("'tags':[]", "'tags':[],'node':'b'");
        server.on("GET /api/v1/queue?limit=100", 200, "{'items':[" + item + "],'next':null,'missing':['c']}")
                .on("GET /api/v1/queue?limit=100&node=b", 200, "{'items':[],'next':'A'}")
                .on("GET /api/v1/queue?limit=100&cursor=A&node=b", 200, "{'items':[" + item + "],'next':null}")
                .on("GET /api/v1/queue/counts", 200, "{'messages':1,'octets':2,'recipients':{},'missing':['c','d']}");
        assertEquals(0, run("queue", "list"));
        assertEquals("""
                MESSAGE                     NODE  RECEIVED              SIZE  STATE       DUE                   FROM  TO                LAST REPLY
                01HF7YAT000000000000000007  b     2026-11-21T03:00:00Z  4711  2 deferred  2099-01-01T00:00:00Z  a@b   b@example.net +1  mx.example.net: 450 4.2.0 Later
                """, out.toString());
        out.getBuffer().setLength(0);
        assertEquals(0, run("queue", "list", "--json"));
        assertTrue(out.toString().endsWith(",\"node\":\"b\"}],\"next\":null,\"missing\":[\"c\"]}\n"), out::toString);
        out.getBuffer().setLength(0);
        assertEquals(0, run("queue", "list", "--json", "--node", "b"));
        assertTrue(out.toString().startsWith("{\"items\":[{"), out::toString);
        assertEquals(0, run("queue", "counts"));
        assertEquals("""
                posthouse: node c does not answer; what it has is not in this
                posthouse: node c does not answer; what it has is not in this
                posthouse: node c does not answer; what it has is not in this
                posthouse: node d does not answer; what it has is not in this
                """, err.toString());
    }

    @Test
    void saysWhichNodeDidIt() {
        server.on("POST /api/v1/queue/A/hold?node=b", 200, "{'id':'A','changed':2,'node':'b'}")
                .on("DELETE /api/v1/queue/A?notice=false&node=self", 200, "{'id':'A','changed':1,'node':'a'}")
                .on("GET /api/v1/queue/A?node=b", 200, "{'id':'A','node':'b'}");
        assertEquals(0, run("queue", "hold", "A", "--node", "b"));
        assertEquals(0, run("queue", "delete", "A", "--node", "self"));
        assertEquals("A: 2 recipients held at node b\nA: 1 recipient deleted at node a\n", out.toString());
        out.getBuffer().setLength(0);
        assertEquals(0, run("queue", "show", "A", "--node", "b"));
        assertTrue(out.toString().matches("(?s).*\nNode: +b\n.*"), out::toString);
    }

    @Test
    void goesOnAfterAMessageThatIsGone() {
        server.on("POST /api/v1/queue/B/hold", 200, "{'id':'B','changed':1}");
        assertEquals(1, run("queue", "hold", "A", "B", "--reason", "looks \"odd\""));
        assertEquals("B: 1 recipient held\n", out.toString());
        assertEquals("posthouse: There is nothing\n", err.toString());
        assertEquals(
                "POST /api/v1/queue/B/hold Bearer t0ken {\"reason\":\"looks \\\"odd\\\"\"}",
                server.asked().get(1));
    }

    @Test
    void releasesRetriesAndDeletes() {
        server.on("POST /api/v1/queue/A/release", 200, "{'id':'A','changed':2}")
                .on("POST /api/v1/queue/A/retry", 200, "{'id':'A','changed':2}")
                .on("DELETE /api/v1/queue/A?notice=true", 200, "{'id':'A','changed':2}")
                .on("DELETE /api/v1/queue/A?notice=false", 200, "{'id':'A','changed':0}");
        assertEquals(0, run("queue", "release", "A"));
        assertEquals(0, run("queue", "retry", "A", "--json"));
        assertEquals(0, run("queue", "delete", "A", "--notice"));
        assertEquals(0, run("queue", "delete", "A"));
        assertEquals(
                "A: 2 recipients released\n{\"id\":\"A\",\"changed\":2}\nA: 2 recipients deleted\nA: 0 recipients deleted\n",
                out.toString());
    }

    @Test
    void listsAndChangesPlugins() {
        server.on(
                        "GET /api/v1/plugins",
                        200,
                        "{'plugins':[{'name':'block-sender','version':'1.0.0','state':'active','generation':'3@1a',"
                                + "'hooks':['a','b'],'detail':''}]}")
                .on("POST /api/v1/plugins/block-sender/disable", 200, "{'name':'block-sender','done':'disabled'}")
                .on("POST /api/v1/plugins/block-sender/enable", 200, "{'name':'block-sender','done':'enabled'}")
                .on("DELETE /api/v1/plugins/block-sender", 409, "{'detail':'its jar can not be deleted'}");
        assertEquals(0, run("plugin", "list"));
        assertEquals(0, run("plugin", "disable", "block-sender"));
        assertEquals(0, run("plugin", "enable", "block-sender"));
        assertEquals(1, run("plugin", "remove", "block-sender"));
        assertEquals("""
                PLUGIN        VERSION  STATE   GENERATION  HOOKS  DETAIL
                block-sender  1.0.0    active  3@1a        a, b
                block-sender: disabled
                block-sender: enabled
                """, out.toString());
        assertEquals("posthouse: its jar can not be deleted\n", err.toString());
    }

    @Test
    void printsThePipeline() {
        server.on(
                "GET /api/v1/pipeline",
                200,
                "{'hooks':[{'stage':'mail','position':1,'hook':'h','plugin':'p','version':'1.0.0','generation':'3@1a',"
                        + "'mode':'enforce','share':95,'breaker':'half-open','running':2,'maxConcurrent':32,"
                        + "'timeoutMillis':5000,'onFailure':'defer','calls':10,'failures':1,"
                        + "'meanMicros':12.54,'abandoned':0}]}");
        assertEquals(0, run("pipeline"));
        assertEquals("""
                STAGE  #  HOOK  PLUGIN  VERSION  GENERATION  MODE     SHARE %  BREAKER    RUNNING  BUDGET ms  ON FAILURE  CALLS  FAILURES  MEAN µs  ABANDONED
                mail   1  h     p       1.0.0    3@1a        enforce       95  half-open  2/32          5000  defer          10         1     12.5          0
                """, out.toString());
    }

    @Test
    void whatTypedWordsContainStaysInItsPlace() {
        run("queue", "show", "../plugins");
        run("queue", "show", "..");
        run("plugin", "remove", "a?b#c/d");
        assertEquals(
                List.of(
                        "GET /api/v1/queue/..%2Fplugins Bearer t0ken",
                        "GET /api/v1/queue/- Bearer t0ken", "DELETE /api/v1/plugins/a%3Fb%23c%2Fd Bearer t0ken"),
                server.asked());
    }

    @Test
    void repliesCanNotSteerTheTerminal() {
        server.on(
                "GET /api/v1/queue?limit=100",
                200,
                "{'items':[" + ITEM.formatted("\\u001b[2J\\u202e@b") + "],'next':null}");
        assertEquals(0, run("queue", "list"), err::toString);
        assertTrue(out.toString().contains("?[2J?@b"), out::toString);
        assertFalse(out.toString().contains("\u001b"), out::toString);
    }

    @Test
    void saysWhenNothingAnswers() {
        String url = server.url();
        server.stop();
        assertEquals(1, run("queue", "list"));
        assertEquals("posthouse: Posthouse does not answer at " + url + ": is it running?\n", err.toString());
    }

    @Test
    void saysWhenSomethingElseAnswersOrTheTokenIsWrong() {
        server.on("GET /api/v1/plugins", 200, "<html>").on("GET /api/v1/pipeline", 401, "{}");
        assertEquals(1, run("plugin", "list"));
        assertEquals(1, run("pipeline"));
        assertEquals(
                "posthouse: What answers at " + server.url() + " is not Posthouse\nposthouse: The server at "
                        + server.url() + " does not know this token\n",
                err.toString());
    }

    @Test
    void findsTheServerByItsDataFolder() throws Exception {
        Files.createDirectories(folder.resolve("data/run"));
        Files.writeString(folder.resolve("data/run/api-url"), server.url() + "\n");
        Files.createDirectories(folder.resolve("data/secrets"));
        Files.writeString(folder.resolve("data/secrets/api-token"), "other\n");
        server.on("GET /api/v1/plugins", 200, "{'plugins':[]}");
        System.setProperty("posthouse.home", folder.toString());
        try {
            assertEquals(
                    0,
                    execute("plugin", "list", "--data", folder.resolve("data").toString()),
                    err::toString);
            assertEquals("GET /api/v1/plugins Bearer other", server.asked().getFirst());
            assertEquals(
                    1,
                    execute(
                            "plugin",
                            "list",
                            "--data",
                            folder.resolve("nothing").toString()));
            assertTrue(err.toString().startsWith("posthouse: There is no API token at " + folder), err::toString);
        } finally {
            System.clearProperty("posthouse.home");
        }
    }

    @Test
    void everyCommandHasHelp() {
        for (String[] command : new String[][] {
            {"queue"},
            {"queue", "list"},
            {"queue", "hold"},
            {"plugin"},
            {"plugin", "remove"},
            {"plugin", "install"},
            {"pipeline"},
            {"trace"},
            {"trace", "watch"},
            {"shadow"},
            {"replay"},
            {"record"},
            {"record", "start"}
        }) {
            assertEquals(
                    0,
                    execute(Stream.concat(Stream.of(command), Stream.of("--help"))
                            .toArray(String[]::new)));
        }
        assertEquals("", err.toString());
    }

    private int run(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(
                "--url", server.url(), "--token-file", folder.resolve("token").toString()));
        return execute(all.toArray(String[]::new));
    }

    private int execute(String... words) {
        CommandLine group = OperatorCommands.all().stream()
                .filter(line -> line.getCommandName().equals(words[0]))
                .findFirst()
                .orElseThrow();
        group.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return group.execute(Stream.of(words).skip(1).toArray(String[]::new));
    }
}
