// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.posthouse.api.Recipient;
import org.posthouse.config.spi.Server;
import org.posthouse.queue.spi.Inlet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener over {@link Fakes} that relays what it accepts to a sink, for black-box suites and measurements:
 * {@code FakeServer PORT SINK-PORT}, with the system properties profile, tls, trusted, proxy, size, recipients.
 */
final class FakeServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FakeServer.class);

    final Fakes fakes;
    private final EventLoops loops = new EventLoops();
    private final Certificates certificates;
    private final Acceptor acceptor;

    FakeServer(ListenerSettings settings, Fakes fakes, Path data) throws IOException {
        this(settings, fakes, data, "");
    }

    FakeServer(ListenerSettings settings, Fakes fakes, Path data, String certificateFolder) throws IOException {
        this.fakes = fakes;
        Server server = server(data);
        this.certificates = new Certificates(config(certificateFolder), server);
        this.acceptor = new Acceptor(settings, fakes.pipeline(), certificates::engine, count -> {
            Journal journal = new Journal(settings.name(), fakes::publish, new SimpleMeterRegistry(), count);
            Basics basics = new Basics(certificates::ready);
            Authentication authentication = new Authentication(new Attempts(fakes.counters), journal);
            return new Acceptor.Parts(
                    journal,
                    new SmtpAdapter(
                            server.hostname(),
                            fakes.pipeline(),
                            fakes.spool(),
                            fakes.intake(),
                            journal,
                            basics,
                            authentication));
        });
        acceptor.open(loops);
    }

    InetSocketAddress address() {
        return acceptor.address();
    }

    void lookAtCertificates() {
        certificates.look();
    }

    void closeListener() {
        acceptor.close();
    }

    Inlet inlet() {
        return acceptor;
    }

    @Override
    public void close() {
        acceptor.close();
        certificates.close();
        loops.close();
    }

    /** The settings of a listener as shipped, on a free port of loopback. */
    static ListenerSettings settings(String profile, String tls, String trusted, String proxy, int port) {
        return new ListenerSettings(
                profile,
                new InetSocketAddress("127.0.0.1", port),
                ListenerSettings.Profile.valueOf(profile),
                trusted.isEmpty() ? Networks.of() : Networks.of(trusted.split(",")),
                ListenerSettings.Tls.valueOf(tls),
                proxy.isEmpty() ? Networks.of() : Networks.of(proxy.split(",")),
                "Posthouse",
                true,
                auth(ListenerSettings.Policy.of(ListenerSettings.Profile.valueOf(profile))),
                new ListenerSettings.Limits(
                        Long.getLong("size", 64 << 20), Integer.getInteger("recipients", 1000), 1000, 100, 20, 0, 100),
                new ListenerSettings.Timeouts(300_000, 600_000, 30_000, 2_000));
    }

    static ListenerSettings.Auth auth(ListenerSettings.Policy policy) {
        return new ListenerSettings.Auth(policy, 3, 600_000, 50);
    }

    private static Server server(Path data) {
        return new Server() {
            @Override
            public String hostname() {
                return "mx.local.test";
            }

            @Override
            public Path dataDir() {
                return data;
            }

            @Override
            public Path home() {
                return data;
            }

            @Override
            public String version() {
                return "test";
            }
        };
    }

    private static Certificates.Config config(String folder) {
        return (Certificates.Config) Proxy.newProxyInstance(
                FakeServer.class.getClassLoader(),
                new Class<?>[] {Certificates.Config.class},
                (proxy, method, arguments) ->
                        method.getName().equals("certificates") ? folder : method.getDefaultValue());
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        int sink = Integer.parseInt(arguments[1]);
        Fakes fakes = new Fakes();
        fakes.keep = sink > 0;
        ListenerSettings settings = settings(
                System.getProperty("profile", "MX"),
                System.getProperty("tls", "STARTTLS"),
                System.getProperty("trusted", ""),
                System.getProperty("proxy", ""),
                port);
        FakeServer server = new FakeServer(settings, fakes, Files.createTempDirectory("fake"));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        while (true) {
            Fakes.Accepted message = fakes.accepted.take();
            if (sink > 0) {
                Thread.ofVirtual().start(() -> relay(message, sink));
            }
        }
    }

    private static void relay(Fakes.Accepted message, int sink) {
        try (Socket socket = new Socket("127.0.0.1", sink)) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            reply(in);
            say(in, out, "EHLO mx.local.test");
            say(in, out, "MAIL FROM:<" + message.envelope().sender().address() + ">");
            for (Recipient recipient : message.envelope().recipients()) {
                say(in, out, "RCPT TO:<" + recipient.address() + ">");
            }
            say(in, out, "DATA");
            String text = "\r\n" + message.envelope().trace() + message.text();
            out.write(text.replace("\r\n.", "\r\n..").substring(2).getBytes(StandardCharsets.ISO_8859_1));
            say(in, out, ".");
            say(in, out, "QUIT");
        } catch (IOException e) {
            LOG.warn("Relaying {} failed", message.envelope().id(), e);
        }
    }

    private static void say(InputStream in, OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        reply(in);
    }

    private static void reply(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("The sink hung up");
            }
            line.write(octet);
            String text = line.toString(StandardCharsets.US_ASCII);
            if (octet == '\n') {
                if (text.charAt(3) != '-') {
                    return;
                }
                line.reset();
            }
        }
    }
}
