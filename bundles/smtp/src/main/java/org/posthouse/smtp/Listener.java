// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.config.Unit;
import org.posthouse.config.spi.Server;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.queue.spi.Inlet;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.Spool;
import org.posthouse.telemetry.spi.EventSink;

/**
 * Step 2 of 9: a port where clients bring mail; one component per entry below {@code smtp}. The next step is
 * {@link SmtpAdapter}.
 *
 * <p>It opens when pipeline, intake and spool are there, so never before the plugins were scanned.
 */
@Component(
        service = {Listener.class, Inlet.class},
        immediate = true,
        configurationPid = "smtp",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Listener.Config.class, factory = true)
public final class Listener implements Inlet {
    /** The configuration of one listener. */
    @ObjectClassDefinition(name = "SMTP listener", description = "A port where clients bring mail.")
    @interface Config {
        @Unit(Unit.Kind.SOCKET)
        @AttributeDefinition(description = "Address and port to listen on, such as 0.0.0.0:25 or [::1]:2525.")
        String address();

        @AttributeDefinition(
                description = "What it is for: relay (trusted systems), mx (the world), submission (users).",
                options = {@Option("relay"), @Option("mx"), @Option("submission")})
        String profile() default "mx";

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(description = "Networks whose clients may send to anywhere.", required = false)
        String[] trusted() default {};

        @AttributeDefinition(
                description = "When TLS begins: none, starttls, or implicit (at once).",
                options = {@Option("none"), @Option("starttls"), @Option("implicit")})
        String tls() default "starttls";

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(
                description = "Networks of proxies. When set, every connection must come from there and begin with a"
                        + " PROXY header (version 1 or 2); the client is the one in the header.",
                required = false)
        String[] proxyProtocolFrom() default {};

        @AttributeDefinition(description = "What the banner says behind the host name.", required = false)
        String banner() default "Posthouse";

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(defaultValue = "64MB", description = "The biggest message; 0 for no limit.")
        long maxMessageSize();

        @AttributeDefinition(description = "Recipients of one message; at least 100 (RFC 5321 4.5.3.1.8).", min = "100")
        int maxRecipients() default 1000;

        @AttributeDefinition(description = "Connections at once.", min = "1")
        int maxConnections() default 1000;

        @AttributeDefinition(description = "Connections at once from one address that is not trusted.", min = "1")
        int maxConnectionsPerIp() default 100;

        @AttributeDefinition(
                description = "Refused commands after which a client that is not trusted is sent away.",
                min = "1")
        int maxErrors() default 20;

        @AttributeDefinition(description = "Messages of one connection; 0 for no limit.", min = "0")
        int maxTransactionsPerConnection() default 0;

        @AttributeDefinition(description = "Received lines after which a message is taken for looping.", min = "10")
        int maxHops() default 100;

        @AttributeDefinition(
                description = "Whether strangers are refused local parts that hold @ % ! / | or begin with a dot, which"
                        + " systems behind could take for routes, commands or files.")
        boolean strictLocalParts() default true;

        @AttributeDefinition(
                description = "Whether clients authenticate, which they can under TLS alone: required (also of trusted"
                        + " networks), optional, off, or auto (required on submission, else off).",
                options = {@Option("auto"), @Option("required"), @Option("optional"), @Option("off")})
        String auth() default "auto";

        @AttributeDefinition(
                description = "Failed authentications from one address (IPv6: one /64) that is not trusted after which"
                        + " nobody there may try.",
                min = "1")
        int authFailures() default 10;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "10m", description = "How long failed authentications count.")
        long authWindow();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "1s",
                description = "Least time until a failed authentication is told; so much more with each further one"
                        + " from the same address or for the same user, up to 10s.")
        long authDelay();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "5m",
                description = "How long a client may take for a command (RFC 5321 4.5.3.2.7 asks for 5m).")
        long commandTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "10m", description = "How long a client may pause inside a message.")
        long dataTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "30s",
                description = "How long a client may take for the TLS handshake and a proxy for its header.")
        long handshakeTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "10s",
                description = "How long open transactions may go on when the listener closes or the server drains.")
        long drainTimeout();
    }

    private final String name;
    private final Listeners listeners;
    private final Acceptor acceptor;

    /**
     * Opens the port.
     *
     * @throws IOException when it is taken or not allowed
     */
    @Activate
    public Listener(
            Config config,
            Map<String, Object> properties,
            @Reference Pipeline pipeline,
            @Reference Intake intake,
            @Reference Spool spool,
            @Reference Server server,
            @Reference EventSink events,
            @Reference MeterRegistry meters,
            @Reference EventLoops loops,
            @Reference Certificates certificates,
            @Reference AttemptCounters counters,
            @Reference Listeners listeners)
            throws IOException {
        this(
                settings(config, name(properties)),
                pipeline,
                intake,
                spool,
                server,
                events,
                meters,
                certificates,
                counters,
                listeners);
        try {
            acceptor.open(loops);
        } catch (IOException e) {
            listeners.failed(name, String.valueOf(e.getMessage()));
            throw e;
        }
        listeners.opened(name);
    }

    private Listener(
            ListenerSettings settings,
            Pipeline pipeline,
            Intake intake,
            Spool spool,
            Server server,
            EventSink events,
            MeterRegistry meters,
            Certificates certificates,
            AttemptCounters counters,
            Listeners listeners) {
        this.name = settings.name();
        this.listeners = listeners;
        this.acceptor = new Acceptor(settings, pipeline, certificates::engine, count -> {
            Journal journal = new Journal(settings.name(), events, meters, count);
            Basics basics = new Basics(certificates::ready);
            Authentication authentication = new Authentication(counters.attempts(), journal);
            return new Acceptor.Parts(
                    journal,
                    new SmtpAdapter(server.hostname(), pipeline, spool, intake, journal, basics, authentication));
        });
    }

    @Override
    public void shut() {
        acceptor.shut();
    }

    @Override
    public void reopen() {
        acceptor.reopen();
    }

    @Override
    public int clients() {
        return acceptor.clients();
    }

    @Deactivate
    void close() {
        listeners.closed(name);
        acceptor.close();
    }

    /** The name behind {@code smtp~}. */
    private static String name(Map<String, Object> properties) {
        return Listeners.name(String.valueOf(properties.getOrDefault("service.pid", "smtp")));
    }

    private static ListenerSettings settings(Config config, String name) {
        ListenerSettings.Profile profile =
                ListenerSettings.Profile.valueOf(config.profile().toUpperCase(Locale.ROOT));
        ListenerSettings.Policy policy = config.auth().equals("auto")
                ? ListenerSettings.Policy.of(profile)
                : ListenerSettings.Policy.valueOf(config.auth().toUpperCase(Locale.ROOT));
        return new ListenerSettings(
                name,
                ListenerSettings.socket(config.address()),
                profile,
                Networks.of(config.trusted()),
                ListenerSettings.Tls.valueOf(config.tls().toUpperCase(Locale.ROOT)),
                Networks.of(config.proxyProtocolFrom()),
                config.banner(),
                config.strictLocalParts(),
                new ListenerSettings.Auth(policy, config.authFailures(), config.authWindow(), config.authDelay()),
                new ListenerSettings.Limits(
                        config.maxMessageSize(),
                        config.maxRecipients(),
                        config.maxConnections(),
                        config.maxConnectionsPerIp(),
                        config.maxErrors(),
                        config.maxTransactionsPerConnection(),
                        config.maxHops()),
                new ListenerSettings.Timeouts(
                        config.commandTimeout(),
                        config.dataTimeout(),
                        config.handshakeTimeout(),
                        config.drainTimeout()));
    }
}
