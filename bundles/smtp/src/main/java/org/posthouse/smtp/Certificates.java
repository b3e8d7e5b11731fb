// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.config.spi.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of the server: read from PEM files, read again when the files change, checked before they are used. Without
 * a configured one the server makes its own at the first start, so that mail is encrypted even before an operator cares.
 * They are read while the plugins come to serve, not behind them: a start is not to wait for both.
 */
@Component(service = Certificates.class, configurationPid = "tls", immediate = true)
@Designate(ocd = Certificates.Config.class)
public final class Certificates {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
    private static final long LOOK_SECONDS = 3;

    /** The configuration. */
    @ObjectClassDefinition(name = "TLS", description = "The certificates that the server shows.")
    @interface Config {
        @AttributeDefinition(
                description =
                        "PEM file with the certificate and its chain; empty for tls/server.pem in the data folder,"
                                + " which is made when it is missing.",
                required = false)
        String certificate() default "";

        @AttributeDefinition(
                description =
                        "PEM file with the private key (PKCS #8 or RSA PKCS #1), empty for tls/key.pem in the data"
                                + " folder.",
                required = false)
        String key() default "";

        @AttributeDefinition(
                description =
                        "Folder with further certificates name.pem and keys name.key, shown to clients that ask for"
                                + " one of their names (SNI).",
                required = false)
        String certificates() default "";

        @AttributeDefinition(description = "Protocol versions, the others are refused (RFC 8996).")
        String[] protocols() default {"TLSv1.3", "TLSv1.2"};
    }

    private final PemFiles files;
    private final String[] protocols;
    private final ProvenPairs proven;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("smtp-certificates").factory());
    private volatile @Nullable SSLContext context;
    private volatile String seen = "";

    /** Where the PEM files are. */
    private record PemFiles(
            Path certificate, Path key, @Nullable Path more) {}

    @Activate
    public Certificates(Config config, @Reference Server server) {
        Path folder = server.dataDir().resolve("tls");
        this.files = new PemFiles(
                config.certificate().isEmpty() ? folder.resolve("server.pem") : Path.of(config.certificate()),
                config.key().isEmpty() ? folder.resolve("key.pem") : Path.of(config.key()),
                config.certificates().isEmpty() ? null : Path.of(config.certificates()));
        this.protocols = config.protocols().clone();
        this.proven = new ProvenPairs(server.dataDir().resolve("run/tls.checked"));
        if (config.certificate().isEmpty() && !Files.exists(files.certificate())) {
            makeOwn(server.hostname());
        }
        look();
        clock.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    private void makeOwn(String hostname) {
        try {
            SelfSigned.write(hostname, files.certificate(), files.key());
            LOG.info("Made a self-signed certificate for {}: {}", hostname, files.certificate());
        } catch (IOException | GeneralSecurityException e) {
            LOG.error("No self-signed certificate could be made; TLS is not offered", e);
        }
    }

    /** Reads the files when they changed; what can not be used is refused, and the old certificates stay. */
    synchronized void look() {
        String now = "";
        try {
            now = fingerprint();
            if (now.equals(seen)) {
                return;
            }
            context = PemKeys.load(files.certificate(), files.key(), files.more(), proven)
                    .context();
            LOG.info("TLS certificates read from {}", files.certificate());
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            LOG.error(
                    "TLS certificates refused, {}: {}",
                    context == null ? "TLS is not offered" : "the old ones stay",
                    e.toString());
        }
        seen = now;
    }

    private String fingerprint() throws IOException {
        StringBuilder out = new StringBuilder();
        for (Path file : PemKeys.all(files.certificate(), files.key(), files.more())) {
            out.append(file).append(' ').append(Files.getLastModifiedTime(file)).append(' ');
            out.append(Files.size(file)).append('\n');
        }
        return out.toString();
    }

    /** Whether TLS can be offered. */
    boolean ready() {
        return context != null;
    }

    /** An engine for one handshake; null when there is no certificate. */
    @Nullable
    SSLEngine engine() {
        SSLContext now = context;
        if (now == null) {
            return null;
        }
        SSLEngine engine = now.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(protocols);
        parameters.setUseCipherSuitesOrder(true);
        engine.setSSLParameters(parameters);
        return engine;
    }

    @Deactivate
    void close() {
        clock.shutdownNow();
    }
}
