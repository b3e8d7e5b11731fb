// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.container;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.queue.spi.Queue;

/** The shipped features with the shipped configuration: every bundle starts, every service is there, mail is taken. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class ShippedServerIT {
    @Inject
    private BundleContext context;

    @Inject
    private Plugins plugins;

    @Inject
    private Queue queue;

    @Configuration
    public Option[] configuration() throws IOException {
        Path home =
                Path.of(System.getProperty("posthouse.home")).toAbsolutePath().normalize();
        Path data = Files.createTempDirectory("posthouse-exam");
        Files.createDirectories(data.resolve("plugins"));
        try (var shipped = Files.list(home.resolve("plugins"))) {
            for (Path jar : shipped.toList()) {
                Files.createSymbolicLink(data.resolve("plugins").resolve(jar.getFileName()), jar);
            }
        }
        return options(
                ShippedFeatures.of(home, data),
                junitBundles(),
                // The highest of the features: listeners open last.
                frameworkStartLevel(9),
                frameworkProperty("posthouse.home").value(home.toString()),
                frameworkProperty("posthouse.data").value(data.toString()),
                frameworkProperty("posthouse.config.files")
                        .value(home.resolve("config/posthouse.yaml").toString()),
                frameworkProperty("posthouse.config.sets")
                        .value(
                                "smtp.feeder.address=127.0.0.1:23925\nhttp.address=127.0.0.1:23926\nmetrics.address=127.0.0.1:23927"),
                frameworkProperty("org.ops4j.pax.logging.property.file")
                        .value(Path.of("src/test/resources/logback-test.xml")
                                .toAbsolutePath()
                                .toString()),
                systemProperty("jdk.virtualThreadScheduler.parallelism").value("16"));
    }

    @Test
    public void everyBundleOfTheFeaturesIsActive() {
        List<String> idle = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            boolean fragment = bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null;
            if (!fragment && bundle.getState() != Bundle.ACTIVE) {
                idle.add(bundle.getSymbolicName());
            }
        }
        assertEquals(List.of(), idle);
    }

    @Test
    public void shippedPluginsServeWhereTheyAreConfigured() throws IOException {
        Path home = Path.of(System.getProperty("posthouse.home"));
        for (Plugins.Plugin plugin : plugins.list()) {
            boolean configured = Files.exists(home.resolve("config/plugins/" + plugin.name() + ".yaml"));
            assertEquals(plugin.name() + ": " + plugin.detail(), configured ? "active" : "waiting", plugin.state());
        }
        try (var shipped = Files.list(home.resolve("plugins"))) {
            assertEquals(shipped.count(), plugins.list().size());
        }
    }

    @Test
    public void pluginsImportTheApiAloneAndExportNothing() {
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getLocation().startsWith("posthouse-plugin:")) {
                assertEquals(null, bundle.getHeaders().get(Constants.EXPORT_PACKAGE));
                String imports = bundle.getHeaders().get(Constants.IMPORT_PACKAGE);
                for (String name : imports.replaceAll("\"[^\"]*\"", "").split(",")) {
                    String found = name.split(";")[0];
                    assertTrue(
                            bundle.getSymbolicName() + " imports " + found,
                            !found.startsWith("org.posthouse.") || found.startsWith("org.posthouse.api"));
                }
            }
        }
    }

    @Test
    public void feederTakesMail() throws Exception {
        long before = queue.counts().messages();
        try (Socket socket = connect(23925)) {
            say(socket, "", "220");
            say(socket, "EHLO client.test\r\n", "250");
            say(socket, "MAIL FROM:<a@src.test>\r\n", "250");
            say(socket, "RCPT TO:<b@[127.0.0.9]>\r\n", "250");
            say(socket, "DATA\r\n", "354");
            say(socket, "Subject: x\r\n\r\nx\r\n.\r\n", "250 2.0.0 queued as ");
        }
        assertTrue(queue.counts().messages() >= before);
    }

    private static Socket connect(int port) throws IOException {
        for (int attempt = 0; ; attempt++) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException notYet) {
                if (attempt == 200) {
                    throw notYet;
                }
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private static void say(Socket socket, String line, String start) throws IOException {
        socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
        StringBuilder reply = new StringBuilder();
        int at = 0;
        while (true) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                throw new IOException("closed after " + reply);
            }
            reply.append((char) c);
            if (c == '\n') {
                if (reply.charAt(at + 3) != '-') {
                    break;
                }
                at = reply.length();
            }
        }
        assertTrue(reply.toString(), reply.toString().startsWith(start));
    }
}
