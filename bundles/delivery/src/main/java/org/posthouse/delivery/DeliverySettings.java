// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;
import org.posthouse.config.spi.Server;
import org.posthouse.delivery.client.Timeouts;

/** The key {@code delivery}. */
@Component(
        service = DeliverySettings.class,
        configurationPid = "delivery",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = DeliverySettings.Config.class)
public final class DeliverySettings {
    /** The key {@code delivery}. */
    @ObjectClassDefinition(name = "Delivery", description = "How mail is handed to next hops.")
    public @interface Config {
        @AttributeDefinition(required = false, description = "The name said in EHLO; empty means server.hostname.")
        String ehlo() default "";

        @AttributeDefinition(
                required = false,
                description = "The local address connections leave from; empty means any.")
        String source() default "";

        @AttributeDefinition(
                defaultValue = "25",
                min = "1",
                max = "65535",
                description = "The port of mail exchangers.")
        int mxPort();

        @AttributeDefinition(defaultValue = "true", description = "Whether hosts are reached over IPv6 too.")
        boolean ipv6();

        @AttributeDefinition(
                defaultValue = "false",
                description = "Whether mail exchangers may be loopback addresses or this machine: for tests.")
        boolean allowLoopbackMx();

        @AttributeDefinition(
                defaultValue = "100",
                min = "1",
                max = "10000",
                description = "How many recipients a transaction has at most.")
        int maxRecipients();

        @AttributeDefinition(
                defaultValue = "100",
                min = "1",
                description = "How many messages a connection to a mail exchanger carries at most.")
        int maxDeliveriesPerConnection();

        @AttributeDefinition(
                defaultValue = "1000",
                min = "1",
                description = "How many messages a connection to a configured next hop carries at most.")
        int maxDeliveriesPerSmarthostConnection();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "5s",
                description =
                        "How long a connection of a busy site is kept open for the next message; 0s closes at once.")
        long idleTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "1m",
                description =
                        "How long a site that can not be reached is left alone; never longer than to the next attempt.")
        long unreachablePause();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "10m",
                description = "How long a host with broken STARTTLS is used in clear, where the route allows it.")
        long plainAfterBrokenTls();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                defaultValue = "50kB",
                description =
                        "Messages up to this size are returned whole in a failure notice, of larger ones the header.")
        long noticeContentLimit();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "30s", description = "How long a connection may take to be made.")
        long connectTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "5m", description = "How long the greeting may take (RFC 5321 4.5.3.2.1).")
        long greetingTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "5m",
                description = "How long the replies to EHLO, MAIL and RCPT may take (RFC 5321 4.5.3.2.2, .3).")
        long commandTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "2m",
                description = "How long the reply to DATA may take (RFC 5321 4.5.3.2.4).")
        long dataTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "3m",
                description = "How long a block of the message may take to be sent (RFC 5321 4.5.3.2.5).")
        long blockTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "10m",
                description = "How long the reply to the final dot may take (RFC 5321 4.5.3.2.6).")
        long dotTimeout();
    }

    private final Config config;
    private final String hostname;

    @Activate
    public DeliverySettings(Config config, @Reference Server server) {
        this.config = config;
        this.hostname = server.hostname().toLowerCase(Locale.ROOT);
    }

    /** Our name. */
    public String hostname() {
        return hostname;
    }

    /** What EHLO says. */
    public String ehlo() {
        return config.ehlo().isEmpty() ? hostname : config.ehlo().toLowerCase(Locale.ROOT);
    }

    /** Names under which mail exchanger records mean us. */
    public Set<String> ourNames() {
        Set<String> names = new HashSet<>();
        names.add(hostname);
        names.add(ehlo());
        return names;
    }

    @Nullable
    InetSocketAddress source() {
        return config.source().isEmpty() ? null : new InetSocketAddress(config.source(), 0);
    }

    /** The port of mail exchangers. */
    public int mxPort() {
        return config.mxPort();
    }

    /** Whether IPv6 is used. */
    public boolean ipv6() {
        return config.ipv6();
    }

    boolean allowLoopbackMx() {
        return config.allowLoopbackMx();
    }

    int maxRecipients() {
        return config.maxRecipients();
    }

    int mostDeliveries(boolean byMx) {
        return byMx ? config.maxDeliveriesPerConnection() : config.maxDeliveriesPerSmarthostConnection();
    }

    Duration idle() {
        return Duration.ofMillis(config.idleTimeout());
    }

    Duration unreachablePause() {
        return Duration.ofMillis(config.unreachablePause());
    }

    Duration plainAfterBrokenTls() {
        return Duration.ofMillis(config.plainAfterBrokenTls());
    }

    /** Up to how many octets a message is returned whole. */
    public long noticeContentLimit() {
        return config.noticeContentLimit();
    }

    Duration blockTimeout() {
        return Duration.ofMillis(config.blockTimeout());
    }

    Timeouts timeouts() {
        Duration command = Duration.ofMillis(config.commandTimeout());
        return new Timeouts(
                Duration.ofMillis(config.connectTimeout()),
                Duration.ofMillis(config.greetingTimeout()),
                command,
                command,
                Duration.ofMillis(config.dataTimeout()),
                blockTimeout(),
                Duration.ofMillis(config.dotTimeout()),
                Timeouts.STANDARD.quit());
    }
}
