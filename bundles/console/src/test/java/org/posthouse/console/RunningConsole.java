// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;
import org.osgi.service.cm.ConfigurationAdmin;
import org.posthouse.admin.ApiServlet;
import org.posthouse.admin.FakePlugins;
import org.posthouse.admin.FakeQueue;
import org.posthouse.admin.FakeShadows;
import org.posthouse.admin.FakeTraces;
import org.posthouse.config.spi.Reload;
import org.posthouse.config.spi.Server;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Traces;
import org.posthouse.queue.spi.Queue;
import org.posthouse.telemetry.spi.EventSink;

/**
 * Felix with Jetty, the web console, and our admin and console bundles, as the features install them; queue, plugins and
 * configuration are fakes.
 */
final class RunningConsole {
    private static final List<String> BUNDLES = List.of(
            "pax-logging-api",
            "org.osgi.util.function",
            "org.osgi.util.promise",
            "org.osgi.service.component",
            "org.apache.felix.scr",
            "org.apache.felix.configadmin",
            "org.apache.felix.http.servlet-api",
            "commons-io",
            "commons-fileupload",
            "org.apache.felix.http.jetty12",
            "encoder",
            "org.apache.felix.inventory",
            "jackson-core",
            "jackson-annotations",
            "jackson-databind",
            "org.apache.felix.webconsole",
            "org.apache.felix.webconsole.plugins.ds");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Framework framework;
    private final Path dataDir;
    private final int port;
    private final FakeQueue queue = new FakeQueue();
    private final FakePlugins plugins = new FakePlugins();
    private final FakeTraces traces = new FakeTraces();
    private final HttpClient client = HttpClient.newHttpClient();

    RunningConsole(Path folder, int wanted) throws Exception {
        dataDir = Files.createDirectories(folder.resolve("data"));
        port = wanted == 0 ? freePort() : wanted;
        framework = new FrameworkFactory().newFramework(properties(folder));
        framework.init();
        install(framework.getBundleContext());
        framework.start();
        offer(framework.getBundleContext());
        await(() -> status("GET", "/system/console/queue", "admin", password()) == 200);
    }

    private static Map<String, String> properties(Path folder) {
        String ours = List.of(
                        "api",
                        "api.config",
                        "api.operator",
                        "config.spi",
                        "queue.spi",
                        "spool.spi",
                        "pipeline.spi",
                        "telemetry.spi")
                .stream()
                .map(name -> "org.posthouse." + name + ";version=1.0.0")
                .reduce("org.osgi.service.cm;version=1.6.1", (all, one) -> all + "," + one);
        Map<String, String> properties = new HashMap<>();
        properties.put("org.osgi.framework.storage", folder.resolve("cache").toString());
        properties.put("org.osgi.framework.system.packages.extra", ours);
        properties.put("org.ops4j.pax.logging.DefaultServiceLog.level", "ERROR");
        properties.put("felix.log.level", "1");
        // The two properties that the feature files set.
        properties.put("org.apache.felix.http.require.config", "true");
        properties.put("felix.webconsole.security.providers", "posthouse");
        return properties;
    }

    private static void install(BundleContext context) throws BundleException {
        List<Bundle> bundles = new ArrayList<>();
        for (String name : BUNDLES) {
            bundles.add(context.installBundle("reference:" + onClassPath(name).toURI()));
        }
        bundles.add(context.installBundle("reference:" + home(ApiServlet.class)));
        bundles.add(context.installBundle("reference:" + home(QueuePage.class)));
        for (Bundle bundle : bundles) {
            bundle.start();
        }
    }

    private static File onClassPath(String artifact) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(File::new)
                .filter(file -> file.getName().matches(artifact.replace(".", "\\.") + "-[0-9][0-9.]*\\.jar"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(artifact + " is not on the class path"));
    }

    private static URI home(Class<?> type) {
        try {
            return type.getProtectionDomain().getCodeSource().getLocation().toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void offer(BundleContext context) throws IOException {
        context.registerService(Queue.class, queue, null);
        context.registerService(Plugins.class, plugins, null);
        context.registerService(Traces.class, traces, null);
        context.registerService(Shadows.class, new FakeShadows(), null);
        context.registerService(EventSink.class, event -> {}, null);
        context.registerService(Reload.class, List::of, null);
        context.registerService(Server.class, new TestServer(dataDir), null);
        ConfigurationAdmin configurations = context.getService(context.getServiceReference(ConfigurationAdmin.class));
        configurations
                .getConfiguration("http", "?")
                .update(FrameworkUtil.asDictionary(Map.of("address", "127.0.0.1:" + port)));
    }

    private record TestServer(Path dataDir) implements Server {
        @Override
        public String hostname() {
            return "mx1.example.org";
        }

        @Override
        public Path home() {
            return dataDir;
        }

        @Override
        public String version() {
            return "1.0.0";
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    FakePlugins plugins() {
        return plugins;
    }

    FakeTraces traces() {
        return traces;
    }

    Path uploads() {
        return dataDir.resolve("run/uploads");
    }

    /** Registers what a plugin would. */
    <T> ServiceRegistration<T> offer(Class<T> type, T service) {
        return framework.getBundleContext().registerService(type, service, null);
    }

    FakeQueue queue() {
        return queue;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    Path secret(String name) {
        return dataDir.resolve("secrets").resolve(name);
    }

    String password() {
        try {
            Path file = secret("console-password");
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The numbers of the bundles that are installed, with their states and versions. */
    List<String> bundles() {
        return Arrays.stream(framework.getBundleContext().getBundles())
                .map(bundle -> bundle.getBundleId() + " " + bundle.getVersion() + " " + bundle.getState())
                .toList();
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    /** The status of a request, 0 when nothing answers. */
    int status(String method, String path, String user, String password) {
        try {
            return send(Browser.request(url() + path, user, password)
                            .method(method, HttpRequest.BodyPublishers.noBody()))
                    .statusCode();
        } catch (IOException nothingThere) {
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("It did not happen within " + PATIENCE);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    void stop() throws Exception {
        client.close();
        framework.stop();
        framework.waitForStop(PATIENCE.toMillis());
    }
}
