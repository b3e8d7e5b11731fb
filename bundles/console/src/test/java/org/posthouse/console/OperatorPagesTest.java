// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.ServiceRegistration;
import org.posthouse.admin.FakeCommand;
import org.posthouse.admin.FakeMembers;
import org.posthouse.admin.FakeTraces;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Page;
import org.posthouse.api.operator.Table;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.ClusterReport.Condition;
import org.posthouse.telemetry.spi.ClusterReport.Member;
import org.posthouse.telemetry.spi.Members;

/** The pages of plugins, pipeline, traces, shadow reports and of plugins themselves. */
final class OperatorPagesTest {
    private static final Pattern CELL = Pattern.compile("<t[hd][ >].*?</t[hd]>", Pattern.DOTALL);
    private static final String ROOT = "/system/console/";

    private static RunningConsole console;

    private final Browser browser = new Browser(console);

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        console = new RunningConsole(folder, 0);
    }

    @AfterAll
    static void stop() throws Exception {
        console.stop();
    }

    @Test
    void listsPluginsWithTheirGenerations() throws Exception {
        String page = page("plugins");
        assertTrue(page.contains("4@99887766") && page.contains("canary") && page.contains("5 %"), page);
        assertTrue(page.contains("accepts that &lt;now&gt;"), page);
        String one = page("plugins/block-sender");
        assertTrue(one.contains("CN=Example &lt;Signer&gt;") && one.contains("edit-headers"), one);
        assertTrue(one.contains("org.example.Push&lt;T&gt;"), one);
        assertTrue(page("plugins/nobody").contains("There is no such plugin"));
    }

    @Test
    void offersToRollBackOnlyWhatHasAJarBefore() throws Exception {
        String list = page("plugins");
        String first = list.substring(list.indexOf("plugins/block-sender"), list.indexOf("plugins/greylist"));
        assertTrue(first.contains("ROLLBACK"), first);
        assertFalse(list.substring(list.indexOf("plugins/greylist")).contains("ROLLBACK"), list);
        assertTrue(page("plugins/block-sender").contains("ROLLBACK"));
        assertFalse(page("plugins/greylist").contains("ROLLBACK"));
    }

    @Test
    void titlesOfNumbersStandOnTheRightAsTheNumbersDo() throws Exception {
        ServiceRegistration<ClusterReport> cluster = console.offer(ClusterReport.class, OperatorPagesTest::cluster);
        for (String path :
                List.of("pipeline", "trace", "shadow", "cluster", "plugins/block-sender", "trace/" + FakeTraces.ID)) {
            String page = page(path);
            int numbers = 0;
            for (String table : page.split("<table class=\"rows[^>]*>")) {
                List<List<String>> rows = rows(table);
                List<String> titles = rows.isEmpty() ? List.of() : rows.getFirst();
                for (List<String> row : rows) {
                    for (int i = 0; i < titles.size() && row.size() == titles.size() && row != titles; i++) {
                        boolean number = row.get(i).startsWith("<td class=\"number");
                        boolean right = titles.get(i).startsWith("<th class=\"number");
                        assertEquals(number && !titles.get(i).equals("<th></th>"), right, path + ": " + titles.get(i));
                        numbers += right ? 1 : 0;
                    }
                }
            }
            assertTrue(numbers > 0, path);
        }
        cluster.unregister();
    }

    private static ClusterReport.Report cluster() {
        return new ClusterReport.Report(
                "mail & more",
                "a",
                true,
                false,
                2,
                2,
                "Hazelcast does not start on <b>10.0.0.1:5701</b>",
                List.of(
                        new Member("a", "10.0.0.1:5701", false, true, Condition.SILENT, 7, 0),
                        new Member("b", "posthouse-1.<evil>:5701", false, false, Condition.FENCED, 1_204, 11_040),
                        new Member("w", "10.0.0.3:5701", true, false, Condition.UNKNOWN, 0, -1)),
                new ClusterReport.Mail(1_500, 1_402, 31, 90_210, 2, 5));
    }

    @Test
    void showsTheClusterAsThisNodeSeesIt() throws Exception {
        assertTrue(page("cluster").contains("This server is alone"));
        ServiceRegistration<ClusterReport> cluster = console.offer(ClusterReport.class, OperatorPagesTest::cluster);
        String page = page("cluster");
        cluster.unregister();
        assertFalse(page.contains("This server is alone"), page);
        assertTrue(page.contains("<p class=\"flash refused\">Hazelcast does not start on &lt;b&gt;10"), page);
        assertTrue(page.contains("mail &amp; more") && page.contains("posthouse-1.&lt;evil&gt;:5701"), page);
        assertTrue(page.contains("<td class=\"bad\">none: what others have too is not delivered from here"), page);
        assertTrue(page.contains("<td class=\"bad\">1 of 3 members, this one included; 2 are a majority"), page);
        assertTrue(page.contains("<div class=\"tile c-short\"><b>31</b> of them on fewer than 2 nodes"), page);
        assertTrue(page.contains("<b>1,500</b> owned") && page.contains("<b>1,402</b> kept"), page);
        assertTrue(page.contains("<b>5</b> taken over") && page.contains("<b>2</b> recipients that may"), page);
        assertTrue(page.contains("p-member-fenced\">fenced<") && page.contains("11.0 s ago"), page);
        assertTrue(page.contains("<td>witness</td>") && page.contains("<td class=\"number\">never</td>"), page);
        assertTrue(page.contains("no lease") && page.contains("this node") && page.contains("1,204"), page);
        String ours = page.substring(page.indexOf("<div class=\"ph\""));
        assertFalse(ours.contains(" style=\"") || ours.contains("<script"), ours);
        assertTrue(page("cluster").contains("This server is alone"));
    }

    /** The rows of a table, and of each the cells with their tags. */
    private static List<List<String>> rows(String table) {
        List<List<String>> rows = new ArrayList<>();
        for (String row : table.replaceFirst("(?s)</table>.*", "").split("<tr[ >]")) {
            rows.add(CELL.matcher(row).results().map(MatchResult::group).toList());
        }
        rows.removeIf(List::isEmpty);
        return rows;
    }

    @Test
    void showsAJarBeforeItIsInstalled() throws Exception {
        int before = console.plugins().diary().size();
        HttpResponse<String> preview = browser.file(ROOT + "plugins", csrf("plugins"), "jar greylist");
        assertTrue(preview.uri().getQuery().startsWith("upload="), preview.uri().toString());
        assertTrue(preview.body().contains("Not installed yet: greylist 2.0.0"), preview.body());
        assertEquals(before, console.plugins().diary().size());
        String upload = preview.uri().getQuery().substring("upload=".length());
        String done = browser.post(
                        ROOT + "plugins", "csrf", Browser.csrf(preview.body()), "verb", "INSTALL", "upload", upload)
                .body();
        assertTrue(done.contains("greylist 2.0.0 is installed and active."), done);
        assertEquals("install greylist", console.plugins().diary().getLast());
        assertEquals(0, uploads());
        assertTrue(page("plugins?upload=" + upload).contains("This file was dropped"));
    }

    @Test
    void saysWhyAJarCanNotBeInstalled() throws Exception {
        HttpResponse<String> preview = browser.file(ROOT + "plugins", csrf("plugins"), "PK");
        assertTrue(preview.body().contains("is no plugin: &lt;no manifest&gt;"), preview.body());
        assertFalse(preview.body().contains("value=\"INSTALL\""), preview.body());
        String upload = preview.uri().getQuery().substring("upload=".length());
        browser.post(ROOT + "plugins", "csrf", Browser.csrf(preview.body()), "verb", "DROP", "upload", upload);
        assertEquals(0, uploads());
        assertTrue(browser.file(ROOT + "plugins", csrf("plugins"), "").body().contains("No file was chosen."));
    }

    @Test
    void takesNoFileWithoutTheWordOfTheSession() throws Exception {
        page("plugins");
        for (String word : List.of("", "x", "x".repeat(300))) {
            assertEquals(
                    403,
                    browser.file(ROOT + "plugins", word, "jar " + "x".repeat(300_000))
                            .statusCode());
        }
        assertEquals(0, uploads());
        assertEquals(
                403,
                browser.post(ROOT + "plugins", "csrf", "x", "verb", "REMOVE", "name", "greylist")
                        .statusCode());
    }

    @Test
    void buttonsChangePlugins() throws Exception {
        String csrf = csrf("plugins");
        for (String verb : List.of("DISABLE", "ENABLE", "ROLLBACK")) {
            browser.post(ROOT + "plugins", "csrf", csrf, "verb", verb, "name", "block-sender");
        }
        List<String> diary = console.plugins().diary();
        assertTrue(
                diary.containsAll(List.of("disable block-sender", "enable block-sender", "rollback block-sender")),
                diary::toString);
        String refused = browser.post(ROOT + "plugins", "csrf", csrf, "verb", "REMOVE", "name", "block-sender")
                .body();
        assertTrue(refused.contains("Not done: its jar can not be deleted"), refused);
        assertTrue(browser.post(ROOT + "plugins", "csrf", csrf, "verb", "DANCE", "name", "block-sender")
                .body()
                .contains("there is no such button"));
    }

    @Test
    void thePipelineShowsBreakersBudgetsAndWhoRunsBeside() throws Exception {
        String page = page("pipeline");
        assertTrue(page.contains("half-open") && page.contains("2 of 32") && page.contains("95 %"), page);
        assertTrue(page.contains("10,000") && page.contains("310.4 µs") && page.contains("3,800"), page);
    }

    @Test
    void drawsATraceAsATimeline() throws Exception {
        String list = page("trace");
        assertTrue(list.contains(FakeTraces.ID) && list.contains("&lt;script&gt;@evil.example"), list);
        assertFalse(list.contains("<script>@"), list);
        for (String address : List.of("trace/" + FakeTraces.ID, "trace?id=" + FakeTraces.ID)) {
            String page = page(address);
            assertTrue(page.contains("<rect class=\"v-hold\" x=\"25.1\" y=\"0\" width=\"9.3\""), page);
            assertTrue(page.contains("matches rule &#39;odd &lt;subject&gt;&#39;"), page);
            assertTrue(page.contains("transient failure") && page.contains("65.000 s"), page);
            assertFalse(page.substring(page.indexOf("<div class=\"ph\"")).contains(" style=\""), page);
        }
        assertTrue(page("trace/nothing").contains("There is no trace of nothing"));
    }

    @Test
    void watchesForTransactions() throws Exception {
        String csrf = csrf("trace");
        String page = browser.post(
                        ROOT + "trace",
                        "csrf",
                        csrf,
                        "verb",
                        "WATCH",
                        "sender",
                        "@<b>",
                        "recipient",
                        "",
                        "peer",
                        "192.0.2.0/24",
                        "count",
                        "3")
                .body();
        assertTrue(page.contains("@&lt;b&gt;") && page.contains("192.0.2.0/24"), page);
        String id = console.traces().watches().getFirst().id();
        for (String wrong : List.of("mx.example.org", "dead.beef", "999.1.1.1")) {
            assertTrue(browser.post(ROOT + "trace", "csrf", csrf, "peer", wrong, "count", "1")
                    .body()
                    .contains("That can not be watched for"));
        }
        assertTrue(browser.post(ROOT + "trace", "csrf", csrf, "count", "1001")
                .body()
                .contains("must be from 1 to 1000"));
        assertTrue(
                browser.post(ROOT + "trace", "csrf", csrf, "unwatch", id).body().contains("The watch ended."));
        assertEquals(List.of(), console.traces().watches());
        assertEquals(
                403, browser.post(ROOT + "trace", "csrf", "x", "count", "1").statusCode());
    }

    @Test
    void reportsWhatShadowsWouldHaveChanged() throws Exception {
        String page = page("shadow");
        assertTrue(page.contains("&lt;evil&gt;.example") && page.contains("24.0 %"), page);
        assertTrue(page.contains("first seen") && page.contains("tag new"), page);
        assertEquals(
                403,
                browser.post(ROOT + "shadow", "csrf", "x", "hook", "greylist").statusCode());
        assertTrue(browser.post(ROOT + "shadow", "csrf", csrf("shadow"), "hook", "nobody")
                .body()
                .contains("Nothing was counted of a hook nobody"));
    }

    @Test
    void theQueueIsThatOfAllNodes() throws Exception {
        MessageId here = console.queue().add("here@example.org", List.of("b@example.net"), State.DEFERRED, "450 later");
        MessageId there = MessageId.next();
        assertFalse(page("queue").contains("<th>Node</th>"));
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        FakeMembers both = new FakeMembers("a")
                .with("a", OperatorPagesTest::nobody)
                .with("b", (request, member) -> {
                    asked.add(request.method() + " " + request.path() + " "
                            + new String(request.body(), StandardCharsets.UTF_8) + " by " + request.peer());
                    return node(there, request.path());
                });
        ServiceRegistration<Members> cluster = console.offer(Members.class, both);
        try {
            String page = page("queue");
            assertTrue(page.contains("<th>Node</th>") && page.contains(here.toString()), page);
            assertTrue(page.contains("there@example.org") && page.contains("<td class=\"node\">b</td>"), page);
            assertTrue(page.contains("Sites of node a") && page.contains("copies included"), page);

            assertTrue(page("queue/" + there).contains("mx.there.example"));
            assertTrue(browser.post(
                            ROOT + "queue", "csrf", csrf("queue"), "verb", "HOLD", "reason", "odd", "id", "" + there)
                    .body()
                    .contains("1 recipient held."));
            assertTrue(
                    asked.contains("POST /api/v1/queue/" + there + "/hold {\"reason\":\"odd\"} by console"),
                    asked.toString());

            both.die("b");
            String without = page("queue");
            assertTrue(without.contains("Not answering: b.") && without.contains(here.toString()), without);
            assertTrue(browser.get(ROOT + "queue/counts").body().contains("Not answering: b."));
            String half = browser.post(
                            ROOT + "queue", "csrf", csrf("queue"), "verb", "HOLD", "id", "" + there, "id", "" + here)
                    .body();
            assertTrue(
                    half.contains("1 recipient held. Not done with 1 message, of which the first is " + there), half);
            assertTrue(page("queue/" + there).contains("of the nodes that answer"));
        } finally {
            cluster.unregister();
        }
        assertFalse(page("queue").contains("<th>Node</th>"));
    }

    private static Members.Response nobody(Members.Request request, String member) {
        throw new AssertionError("a node asks the others, not itself: " + request.path());
    }

    /** A node that has one message. */
    private static Members.Response node(MessageId id, String path) {
        String item = "{'id':'" + id + "','received':'2026-01-02T03:04:05Z','node':'b','size':5,";
        String one = "/api/v1/queue/" + id;
        String text = switch (path) {
            case "/api/v1/queue" ->
                "{'items':[" + item + "'sender':'there@example.org','recipientCount':1,"
                        + "'recipients':['c@example.net'],'states':{'deferred':1,'of-tomorrow':1}}],'next':null}";
            case "/api/v1/queue/counts" -> "{'messages':1,'octets':5,'recipients':{'deferred':1}}";
            default ->
                path.equals(one)
                        ? item + "'sender':{'address':'','body':'SEVENBIT'},'origin':{'helo':'mx.there.example',"
                                + "'session':'','listener':'','peer':'','tls':'','user':''},"
                                + "'routing':{'tenant':'','zone':'','priority':0,'tags':[],'holdReason':''},"
                                + "'recipients':[]}"
                        : item + "'changed':1}";
        };
        return new Members.Response(
                200, "application/json", text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aPluginBringsATabWithFormsForItsCommands() throws Exception {
        List<String> ran = Collections.synchronizedList(new ArrayList<>());
        ServiceRegistration<Command> command =
                console.offer(Command.class, new FakeCommand("add", FakeCommand.ADD, arguments -> {
                    String address = arguments.text("address");
                    if (address.equals("taken")) {
                        throw new CommandException("There is a <taken> already");
                    }
                    ran.add(address + " " + arguments.text("password") + " " + arguments.list("may-send-as") + " "
                            + arguments.optional("tenant") + " " + arguments.flag("disabled"));
                    return Table.says(address + " was <added>.");
                }));
        ServiceRegistration<Page> tab = console.offer(Page.class, new UserPage());
        RunningConsole.await(() -> console.status("GET", ROOT + "tab-user", "admin", console.password()) == 200);
        String page = page("tab-user");
        assertTrue(page.contains("&lt;b&gt;bob&lt;/b&gt;") && page.contains("Users &lt;all&gt;"), page);
        assertTrue(page.contains("type=\"password\"") && page.contains("Does add to a &lt;user&gt;."), page);
        assertTrue(page("queue").contains("tab-user"), "the tab is in the menu");

        String csrf = Browser.csrf(page);
        String done = browser.post(
                        ROOT + "tab-user",
                        "csrf",
                        csrf,
                        "command",
                        "add",
                        "arg-address",
                        " alice ",
                        "arg-password",
                        "p ",
                        "arg-may-send-as",
                        "b\r\n\r\nc\r\n",
                        "arg-tenant",
                        "",
                        "arg-disabled",
                        "on")
                .body();
        assertTrue(done.contains("alice was &lt;added&gt;."), done);
        assertEquals(List.of("alice p  [b, c] Optional.empty true"), ran);
        assertTrue(browser.post(
                        ROOT + "tab-user", "csrf", csrf, "command", "add", "arg-address", "taken", "arg-password", "p")
                .body()
                .contains("There is a &lt;taken&gt; already"));
        assertTrue(browser.post(ROOT + "tab-user", "csrf", csrf, "command", "dance")
                .body()
                .contains("No plugin offers the command user dance"));
        assertEquals(
                403,
                browser.post(
                                ROOT + "tab-user",
                                "csrf",
                                "x",
                                "command",
                                "add",
                                "arg-address",
                                "eve",
                                "arg-password",
                                "p")
                        .statusCode());
        assertEquals(1, ran.size());

        tab.unregister();
        command.unregister();
        RunningConsole.await(() -> console.status("GET", ROOT + "tab-user", "admin", console.password()) == 404);
    }

    /** The page of the users. */
    record UserPage() implements Page {
        @Override
        public String group() {
            return "user";
        }

        @Override
        public String title() {
            return "Users <all>";
        }

        @Override
        public List<Section> show() {
            return List.of(
                    new Section(
                            "Users <all>",
                            Table.of(
                                    List.of("Address", "State"),
                                    List.of(
                                            List.of("alice@example.org", "enabled"),
                                            List.of("<b>bob</b>@example.org", "disabled")))),
                    new Section("File", Table.says("users.db, read at 08:00")));
        }
    }

    private String page(String path) throws Exception {
        HttpResponse<String> answer = browser.get(ROOT + path);
        assertEquals(200, answer.statusCode(), path);
        return answer.body();
    }

    private String csrf(String path) throws Exception {
        return Browser.csrf(page(path));
    }

    private static long uploads() throws IOException {
        try (Stream<Path> files = Files.list(console.uploads())) {
            return files.count();
        }
    }
}
