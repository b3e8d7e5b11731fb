// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** What the operator sees and does: command line, REST, metrics, health, events, web console. */
class OpsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Daemon daemon;

    @BeforeEach
    void start() {
        daemon = Daemon.in(folder).shipped().queue("queue: { retry: \"1h\" }").start();
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    private String deliver() throws Exception {
        try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            String reply = client.deliver("a@src.test", "b@dst.test", "Subject: x\r\n\r\nx\r\n");
            return reply.split(" ")[4];
        }
    }

    @Test
    void queueVerbsHoldReleaseRetryAndDelete() throws Exception {
        String id = deliver();
        Await.until(
                () -> daemon.cli("queue", "show", id).output(),
                SOON,
                () -> daemon.cli("queue", "show", id)
                        .output()
                        .toLowerCase(java.util.Locale.ROOT)
                        .contains("deferred"));
        daemon.cli("queue", "hold", id, "--reason", "looks odd").mustSucceed();
        assertTrue(daemon.cli("queue", "list")
                .output()
                .toLowerCase(java.util.Locale.ROOT)
                .contains("held"));
        try (SinkServer sink = new SinkServer(daemon.next)) {
            daemon.cli("queue", "release", id).mustSucceed();
            Await.until(
                    () -> daemon.cli("queue", "show", id).output() + daemon.log(), SOON, () -> sink.messages() == 1);
        }
        String second = deliver();
        daemon.cli("queue", "delete", second).mustSucceed();
        assertFalse(daemon.cli("queue", "list").output().contains(second));
        assertEquals(1, daemon.cli("queue", "show", second).status());
    }

    @Test
    void restNeedsItsToken() throws Exception {
        String url = "http://127.0.0.1:" + daemon.http + "/api/v1/queue";
        assertEquals(401, Http.send("GET", url).statusCode());
        Path token = daemon.data().resolve("secrets/api-token");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(token)));
        var answer = Http.send(
                "GET", url, "Authorization", "Bearer " + Files.readString(token).strip());
        assertEquals(200, answer.statusCode());
        assertTrue(answer.headers().firstValue("Content-Type").orElse("").contains("json"));
    }

    @Test
    void consoleShowsTheQueueAndNothingThatBypassesOurChecks() throws Exception {
        String id = deliver();
        Path secret = daemon.data().resolve("secrets/console-password");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        String console = "http://127.0.0.1:" + daemon.http + "/system/console/";
        assertEquals(401, Http.send("GET", console + "queue").statusCode());
        assertEquals(
                401,
                Http.send("GET", console + "queue", "Authorization", "Basic YWRtaW46YWRtaW4=")
                        .statusCode());
        Await.until(
                "the message on the page",
                SOON,
                () -> Http.console(daemon, "GET", "queue").body().contains(id));
        for (String page : new String[] {"bundles", "configMgr"}) {
            int status = Http.console(daemon, "POST", page).statusCode();
            assertTrue(status == 403 || status == 404 || status == 405, page + " answered " + status);
        }
    }

    @Test
    void aServerAloneIsBroughtToRestAndStartsAnew() throws Exception {
        String ready = "http://127.0.0.1:" + daemon.metrics + "/ready";
        long pid = daemon.javaPid();
        Tool status = daemon.cli("cluster", "status");
        assertEquals(1, status.status(), status::output);
        assertTrue(status.output().contains("this server is not part of a cluster"), status::output);

        assertTrue(daemon.cli("cluster", "drain", "--wait", "20")
                .mustSucceed()
                .output()
                .contains("Drained"));
        assertEquals(503, Http.send("GET", ready).statusCode());
        daemon.cli("cluster", "drain", "--end").mustSucceed();
        assertEquals(200, Http.send("GET", ready).statusCode());

        assertTrue(daemon.cli("cluster", "restart").mustSucceed().output().contains("done"));
        assertEquals(pid, daemon.javaPid(), "the process is the same for who looks after it");
        Await.until(daemon::log, SOON, () -> Http.send("GET", ready).statusCode() == 200);
        deliver();
    }

    @Test
    void metricsHealthAndEventsTellWhatHappened() throws Exception {
        String base = "http://127.0.0.1:" + daemon.metrics;
        assertEquals(200, Http.send("GET", base + "/health").statusCode());
        assertEquals(200, Http.send("GET", base + "/ready").statusCode());
        String id = deliver();
        assertTrue(Http.get(base + "/metrics").contains("posthouse_"));
        Await.until(daemon::events, SOON, () -> daemon.events().lines().anyMatch(l -> l.contains(id)));
        Await.until(
                daemon::events,
                SOON,
                () -> daemon.events().lines().anyMatch(l -> l.contains(id) && l.contains("transient")));
    }

    @Test
    void pipelineAndPluginsAreListed() {
        String pipeline = daemon.cli("pipeline").mustSucceed().output();
        assertTrue(pipeline.contains("relay-domains"), pipeline);
        String plugins = daemon.cli("plugin", "list").mustSucceed().output();
        assertTrue(plugins.contains("default-headers") && plugins.contains("active"), plugins);
        assertTrue(
                daemon.cli("config", "show", "--origin").mustSucceed().output().contains("posthouse.yaml"));
        assertTrue(Tool.run(SOON, Daemon.HOME.resolve("bin/posthouse").toString(), "version")
                .output()
                .startsWith("posthouse 1"));
    }
}
