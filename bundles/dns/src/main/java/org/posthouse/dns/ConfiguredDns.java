// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;
import org.posthouse.api.service.Dns;
import org.xbill.DNS.ResolverConfig;

/** The resolver as the key {@code dns} configures it. */
@Component(service = Dns.class, configurationPid = "dns", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ConfiguredDns.Config.class)
public final class ConfiguredDns implements Dns {
    /** The key {@code dns}. */
    @ObjectClassDefinition(name = "Resolver", description = "How names are looked up.")
    @interface Config {
        @Unit(Unit.Kind.SOCKET)
        @AttributeDefinition(
                required = false,
                description = "Name servers in the order they are asked; none means those of the system.")
        String[] servers() default {};

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "5s", description = "Every question is answered within this time.")
        long timeout();

        @AttributeDefinition(
                defaultValue = "1",
                min = "0",
                max = "10",
                description = "How often all servers are asked again within the timeout.")
        int retries();

        @AttributeDefinition(defaultValue = "20000", min = "0", description = "How many answers are kept.")
        int cacheSize();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "1h", description = "No answer is kept for longer, whatever its TTL.")
        long maxTtl();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "5m", description = "No negative answer is kept for longer.")
        long negativeTtl();

        @AttributeDefinition(
                defaultValue = "false",
                description = "Believe the servers' AD bit: only with a validating resolver on a trusted path.")
        boolean trustAd();

        @AttributeDefinition(defaultValue = "256", min = "1", description = "How many questions are under way at once.")
        int concurrency();
    }

    private final CachingDns resolver;
    private final Dns dns;

    @Activate
    public ConfiguredDns(Config config) {
        this.resolver = new CachingDns(new Settings(
                servers(config.servers()),
                Duration.ofMillis(config.timeout()),
                config.retries(),
                config.cacheSize(),
                Duration.ofMillis(config.maxTtl()),
                Duration.ofMillis(config.negativeTtl()),
                config.trustAd(),
                config.concurrency()));
        this.dns = new RehearsedDns(resolver);
    }

    private static List<InetSocketAddress> servers(String[] configured) {
        if (configured.length == 0) {
            return ResolverConfig.getCurrentConfig().servers();
        }
        List<InetSocketAddress> servers = new ArrayList<>();
        for (String server : configured) {
            int colon = server.lastIndexOf(':');
            String host = server.substring(0, colon).replace("[", "").replace("]", "");
            servers.add(new InetSocketAddress(host, Integer.parseInt(server.substring(colon + 1))));
        }
        return servers;
    }

    @Deactivate
    void close() {
        resolver.close();
    }

    @Override
    public Answer<Mx> mx(String domain) {
        return dns.mx(domain);
    }

    @Override
    public Answer<InetAddress> a(String host) {
        return dns.a(host);
    }

    @Override
    public Answer<InetAddress> aaaa(String host) {
        return dns.aaaa(host);
    }

    @Override
    public Answer<String> txt(String name) {
        return dns.txt(name);
    }

    @Override
    public Answer<String> ptr(InetAddress address) {
        return dns.ptr(address);
    }

    @Override
    public Answer<Tlsa> tlsa(String name) {
        return dns.tlsa(name);
    }
}
