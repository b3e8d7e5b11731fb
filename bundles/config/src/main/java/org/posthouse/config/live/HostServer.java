// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;
import org.posthouse.config.spi.LaunchProperties;
import org.posthouse.config.spi.Server;

/** The server's name and folders, from the top-level key {@code server}. */
@Component(configurationPid = "server", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = HostServer.Config.class)
public final class HostServer implements Server {
    /** Who this server is. */
    @ObjectClassDefinition(name = "Server", description = "Who this server is and where it keeps its data.")
    @interface Config {
        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                defaultValue = "",
                required = false,
                description = "The fully qualified name used in banner, EHLO, Received and notices;"
                        + " empty for the canonical name of the machine.")
        String hostname();

        @AttributeDefinition(
                defaultValue = "data",
                description = "The folder for everything that must survive a restart;"
                        + " relative to the folder in which the server is started.")
        String dataDir();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "30s",
                min = "1s",
                max = "10m",
                description = "How long a stop may take as a whole; within it transactions have the"
                        + " drainTimeout of their listener and deliveries 10 s.")
        long shutdownTimeout();
    }

    private final Path home;
    private final Path dataDir;
    private final String version;
    private final String hostname;

    @Activate
    public HostServer(BundleContext context, Config config) throws IOException {
        String data = context.getProperty(LaunchProperties.DATA);
        String folder = context.getProperty(LaunchProperties.HOME);
        this.dataDir = Files.createDirectories(absolute(data == null ? config.dataDir() : data));
        this.home = absolute(folder == null ? "." : folder);
        this.version = version(context);
        this.hostname = hostname(config.hostname());
    }

    /** Who holds this service keeps it: of what can change only the launcher reads, at its start. */
    @Modified
    void modified() {}

    @Override
    public String hostname() {
        return hostname;
    }

    @Override
    public Path dataDir() {
        return dataDir;
    }

    @Override
    public Path home() {
        return home;
    }

    @Override
    public String version() {
        return version;
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }

    private static String version(BundleContext context) {
        var version = context.getBundle().getVersion();
        String release = version.getMajor() + "." + version.getMinor() + "." + version.getMicro();
        return version.getQualifier().isEmpty() ? release : release + "-SNAPSHOT";
    }

    private static String hostname(String configured) {
        if (!configured.isEmpty()) {
            return configured;
        }
        try {
            String name = InetAddress.getLocalHost().getCanonicalHostName();
            // RFC 5321 4.1.3: where there is no name, an address literal stands in EHLO.
            return name.matches("[\\d.]+") ? "[" + name + "]" : name.toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
