// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

final class ConsoleInFelixTest {
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

    @ParameterizedTest
    @CsvSource({"'',''", "admin,admin", "admin,''", "admin,password", "root,PASSWORD", "Admin,PASSWORD"})
    void nobodyElseEnters(String user, String password) {
        String sent = password.equals("PASSWORD") ? console.password() : password;
        for (String path : List.of("", "/queue", "/bundles", "/res/ui/webconsole.css", "/nothing")) {
            assertEquals(401, console.status("GET", "/system/console" + path, user, sent), path);
        }
        assertEquals(401, console.status("POST", "/system/console/queue", user, sent));
    }

    @Test
    void thePasswordIsForItsUserAlone() throws Exception {
        Path file = console.secret("console-password");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(console.password().length() >= 40);
    }

    @Test
    void opensWithTheQueue() throws Exception {
        HttpResponse<String> page = browser.get("/system/console");
        assertEquals(200, page.statusCode());
        assertTrue(
                page.uri().getPath().endsWith("/system/console/queue"),
                page.uri().toString());
        assertEquals("DENY", page.headers().firstValue("X-Frame-Options").orElse(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bundles",
                "bundles/0",
                "bundles.json",
                "%62undles",
                "queue/../bundles",
                "queue/..;/bundles",
                "bundles;x=1",
                ";x=1/bundles",
                "/bundles",
                "./bundles",
                "install",
                "configMgr",
                "configMgr/http",
                "vmstat",
                "logs",
                "deppackages",
                "config",
                "status-Configurations",
                "status-scr",
                "status-System%20Properties",
                "components/1",
                "components/1.json",
                "nothing"
            })
    void felixPagesThatChangeThingsAreOff(String page) throws Exception {
        List<String> before = console.bundles();
        for (String method : List.of("GET", "POST", "PUT", "DELETE")) {
            int status =
                    console.status(method, "/system/console/" + page + "?action=stop", "admin", console.password());
            assertTrue(status == 400 || status == 403 || status == 404, method + " " + page + ": " + status);
        }
        assertEquals(before, console.bundles());
    }

    @ParameterizedTest
    @ValueSource(strings = {"services", "licenses", "components", "status-Threads"})
    void felixPagesThatShowCanBeReadOnly(String page) {
        assertEquals(200, console.status("GET", "/system/console/" + page, "admin", console.password()));
        assertEquals(403, console.status("POST", "/system/console/" + page, "admin", console.password()));
    }

    @Test
    void neitherBundlesNorConfigurationCanBePosted() throws Exception {
        List<String> before = console.bundles();
        for (String action : List.of("install", "stop", "uninstall", "update", "refreshPackages")) {
            assertEquals(
                    404,
                    browser.post("/system/console/bundles", "action", action, "bundlestart", "start")
                            .statusCode());
            assertEquals(
                    404,
                    browser.post("/system/console/bundles/1", "action", action).statusCode());
        }
        HttpResponse<String> config = browser.post(
                "/system/console/configMgr/http", "apply", "true", "address", "0.0.0.0:1", "propertylist", "address");
        assertEquals(404, config.statusCode());
        assertEquals(before, console.bundles());
        assertEquals(200, browser.get("/system/console/queue").statusCode());
    }

    @Test
    void buttonsActOnWhatWasChosen() throws Exception {
        MessageId one = console.queue().add("a@example.org", List.of("b@example.net"), State.DEFERRED, "450 later");
        MessageId two = console.queue().add("a@example.org", List.of("c@example.net"), State.DEFERRED, "450 later");
        String csrf = Browser.csrf(browser.get("/system/console/queue").body());
        HttpResponse<String> page = browser.post(
                "/system/console/queue",
                "csrf",
                csrf,
                "verb",
                "HOLD",
                "reason",
                "odd",
                "id",
                one.toString(),
                "id",
                two.toString());
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("2 recipients held."), page.body());
        assertEquals(
                State.HELD,
                console.queue().show(one).orElseThrow().progress().getFirst().state());
        assertFalse(browser.get("/system/console/queue").body().contains("2 recipients held."));

        String detail = browser.post(
                        "/system/console/queue",
                        "csrf",
                        csrf,
                        "verb",
                        "RELEASE",
                        "id",
                        one.toString(),
                        "stay",
                        one.toString())
                .body();
        assertTrue(detail.contains("Message " + one), detail);
        browser.post("/system/console/queue", "csrf", csrf, "verb", "RETRY", "id", one.toString());
        browser.post(
                "/system/console/queue",
                "csrf",
                csrf,
                "verb",
                "DELETE",
                "notice",
                "on",
                "reason",
                "worn\u0092 out",
                "id",
                one.toString());
        List<String> diary = console.queue().diary();
        assertEquals(
                List.of(
                        "hold " + one + " \"odd\" by console",
                        "hold " + two + " \"odd\" by console",
                        "release " + one + " by console",
                        "retry " + one + " by console",
                        "delete " + one + " with notice by console: worn  out"),
                diary.stream()
                        .filter(line -> line.contains(one.toString()) || line.contains(two.toString()))
                        .toList());
    }

    @Test
    void aFormWithoutTheWordOfTheSessionDoesNothing() throws Exception {
        MessageId id = console.queue().add("a@example.org", List.of("b@example.net"), State.QUEUED, "");
        try (Browser other = new Browser(console)) {
            String foreign = Browser.csrf(other.get("/system/console/queue").body());
            String own = Browser.csrf(browser.get("/system/console/queue").body());
            assertNotEquals(foreign, own);
            for (String word : List.of("", "x", foreign)) {
                assertEquals(
                        403,
                        browser.post("/system/console/queue", "csrf", word, "verb", "DELETE", "id", id.toString())
                                .statusCode());
            }
        }
        assertEquals(
                403,
                console.send(Browser.request(console.url() + "/system/console/queue", "admin", console.password())
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("verb=DELETE&id=" + id)))
                        .statusCode());
        browser.get("/system/console/queue?verb=DELETE&id=" + id);
        assertTrue(console.queue().show(id).isPresent());
    }

    @Test
    void whatComesFromOutsideIsText() throws Exception {
        String evil = "\"<script>alert(1)</script>${pluginRoot}\\\"@example.org";
        MessageId id = console.queue().add(evil, List.of("'><img src=x>@example.net"), State.DEFERRED, "450 <b>no</b>");
        for (String path : List.of("/queue", "/queue/" + id, "/queue?sender=%22%3E%3Cscript%3Ealert(1)")) {
            String page = browser.get("/system/console" + path).body();
            assertFalse(page.contains("<script>alert"), page);
            assertFalse(page.contains("<img src=x"), page);
            assertFalse(page.contains("<b>no</b>"), page);
        }
        String page = browser.get("/system/console/queue/" + id).body();
        assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&#36;{pluginRoot}&#92;"), page);
    }

    @Test
    void showsTheOrderOfThePipeline() throws Exception {
        String page = browser.get("/system/console/pipeline").body();
        assertTrue(page.contains("block-sender") && page.contains("3@1a2b3c4d") && page.contains("12.5 µs"), page);
    }

    @Test
    void countsAndFilesComeFromTheBundle() throws Exception {
        HttpResponse<String> counts = browser.get("/system/console/queue/counts");
        assertEquals(
                "application/json;charset=utf-8",
                counts.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT));
        assertTrue(counts.body().startsWith("{\"messages\":\""), counts.body());
        for (String name : List.of("posthouse.css", "posthouse.js", "posthouse.svg")) {
            assertEquals(200, browser.get("/system/console/queue/res/" + name).statusCode(), name);
        }
        assertEquals(404, browser.get("/system/console/queue/res/other").statusCode());
        String page = browser.get("/system/console/queue").body();
        assertTrue(page.contains("/system/console/queue/res/posthouse.css"), page);
        assertFalse(page.contains("src=\"http") || page.contains("src=\"//"), page);
    }

    @Test
    void anUnknownMessageIsNoError() throws Exception {
        assertEquals(
                200, browser.get("/system/console/queue/" + MessageId.next()).statusCode());
        assertEquals(200, browser.get("/system/console/queue/nonsense").statusCode());
        assertEquals(200, browser.get("/system/console/queue?state=LOST").statusCode());
    }

    @Test
    void theApiSharesThePortAndHasItsOwnSecret() throws Exception {
        String token = Files.readString(console.secret("api-token")).strip();
        assertNotEquals(token, console.password());
        HttpResponse<String> answer = console.send(Browser.request(console.url() + "/api/v1/queue/counts", "", "")
                .header("Authorization", "Bearer " + token));
        assertEquals(200, answer.statusCode(), answer.body());
        assertEquals(401, console.status("GET", "/api/v1/queue/counts", "admin", console.password()));
    }
}
