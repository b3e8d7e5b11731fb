// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.posthouse.config.load.Fixture;
import org.posthouse.config.load.Loaded;
import org.posthouse.config.spi.ReloadListener.Result;

class ReloaderTest {
    @TempDir
    Path folder;

    private final FakeAdmin admin = new FakeAdmin();
    private final FakeRuntime runtime = new FakeRuntime(admin).component("smtp").component("queue");
    private final List<Loaded> plugins = new ArrayList<>();
    private Fixture files;
    private Reloader reloader;

    @BeforeEach
    void start() {
        files = new Fixture(folder)
                .file("posthouse.yaml", "smtp: {a: {address: '*:25'}, b: {address: '*:26'}}\nqueue: {ratio: 1}\n");
        BundleContext context = (BundleContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BundleContext.class}, (self, method, arguments) -> null);
        reloader = new Reloader(
                files::load,
                new Publisher(admin.service()),
                new Serving(context, runtime, Duration.ofMillis(100)),
                plugins::add);
        assertTrue(reloader.reload().applied());
        admin.journal.clear();
    }

    @Test
    void nothingChangedTouchesNothing() {
        assertEquals(new Result(true, List.of(), List.of()), reloader.reload());
        assertEquals(List.of(), admin.journal);
    }

    @Test
    void onlyWhatChangedIsUpdated() {
        files.file("posthouse.yaml", "smtp: {a: {address: '*:25'}, b: {address: '*:27'}}\nqueue: {ratio: 1}\n");
        assertEquals(List.of("smtp~b"), reloader.reload().changed());
        assertEquals(List.of("update smtp~b"), admin.journal);
        assertEquals("*:27", admin.stored.get("smtp~b").get("address"));
    }

    @Test
    void addingAListenerInTheMiddleTouchesNoOther() {
        files.file(
                "posthouse.yaml",
                "smtp: {a: {address: '*:25'}, n: {address: '*:24'}, b: {address: '*:26'}}\nqueue: {ratio: 1}\n");
        assertEquals(List.of("smtp~n"), reloader.reload().changed());
        int a = (Integer) admin.stored.get("smtp~a").get(".order");
        int n = (Integer) admin.stored.get("smtp~n").get(".order");
        int b = (Integer) admin.stored.get("smtp~b").get(".order");
        assertTrue(a < n && n < b, a + " " + n + " " + b);
    }

    @Test
    void vanishedEntriesAreDeleted() {
        files.file("posthouse.yaml", "smtp: {b: {address: '*:26'}}\nqueue: {ratio: 1}\n");
        assertTrue(reloader.reload().applied());
        assertEquals(List.of("delete smtp~a"), admin.journal);
    }

    @Test
    void aFindingLeavesTheOldConfigurationWhole() {
        files.file("posthouse.yaml", "smtp: {b: {address: '*:28'}}\nqueue: {ratoi: 1}\n");
        Result result = reloader.reload();
        assertFalse(result.applied());
        assertTrue(result.findings().get(0).endsWith("queue.ratoi: unknown key; did you mean ratio?"));
        assertEquals(List.of(), admin.journal);
    }

    @Test
    void aHalfWrittenFileLeavesTheOldConfigurationAndThePluginsAlone() {
        int before = plugins.size();
        files.file("posthouse.yaml", "smtp: {b: {address:");
        assertFalse(reloader.reload().applied());
        assertEquals(List.of(), admin.journal);
        assertEquals(before, plugins.size());
    }

    @Test
    void aFailedActivationRestoresEverything() {
        runtime.failsWith("smtp", values -> "*:99".equals(values.get("address")));
        files.file("posthouse.yaml", "smtp: {a: {address: '*:99'}, c: {address: '*:30'}}\nqueue: {ratio: 2}\n");
        Result result = reloader.reload();
        assertEquals(
                List.of("smtp~a: Component of smtp did not start: java.net.BindException: in use"), result.findings());
        assertEquals("*:25", admin.stored.get("smtp~a").get("address"));
        assertEquals("*:26", admin.stored.get("smtp~b").get("address"));
        assertEquals(1.0, admin.stored.get("queue").get("ratio"));
        assertFalse(admin.stored.containsKey("smtp~c"));
        files.file("posthouse.yaml", "smtp: {a: {address: '*:25'}, b: {address: '*:26'}}\nqueue: {ratio: 1}\n");
        assertEquals(List.of(), reloader.reload().changed());
    }

    @Test
    void aComponentThatDoesNotComeUpInTimeRestoresEverything() {
        runtime.waitsWith("queue", values -> Double.valueOf(3).equals(values.get("ratio")));
        files.file("posthouse.yaml", "smtp: {a: {address: '*:25'}, b: {address: '*:26'}}\nqueue: {ratio: 3}\n");
        Result result = reloader.reload();
        assertEquals(List.of("queue: Component of queue waits for its configuration"), result.findings());
        assertEquals(1.0, admin.stored.get("queue").get("ratio"));
    }

    @Test
    void whatWaitedBeforeMayGoOnWaiting() {
        runtime.waitsWith("queue", values -> true);
        files.file("posthouse.yaml", "smtp: {a: {address: '*:25'}, b: {address: '*:26'}}\nqueue: {ratio: 3}\n");
        assertTrue(reloader.reload().applied());
        assertEquals(3.0, admin.stored.get("queue").get("ratio"));
    }

    @Test
    void aDiskFailureHalfwayRestoresEverything() {
        admin.broken = "smtp~b";
        files.file("posthouse.yaml", "smtp: {a: {address: '*:31'}, b: {address: '*:32'}}\nqueue: {ratio: 3}\n");
        Result result = reloader.reload();
        assertTrue(
                result.findings().get(0).contains("disk full"),
                result.findings().toString());
        assertEquals("*:25", admin.stored.get("smtp~a").get("address"));
        assertEquals(1.0, admin.stored.get("queue").get("ratio"));
    }

    @Test
    void theDataFolderIsFixedWhileTheServerRuns() {
        files.file(
                "posthouse.yaml",
                "server: {dataDir: other}\nsmtp: {a: {address: '*:25'}, b: {address: '*:26'}}\nqueue: {ratio: 1}\n");
        assertEquals(
                List.of("server: server.dataDir: can not be changed while the server runs"),
                reloader.reload().findings());
    }
}
