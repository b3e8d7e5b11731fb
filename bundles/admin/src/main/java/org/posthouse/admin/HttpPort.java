// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.util.Map;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;
import org.posthouse.config.spi.Server;

/**
 * The port of API and console: translates our {@code http} section into the configuration of Felix HTTP, which waits for
 * it (framework property {@code org.apache.felix.http.require.config}) and so never opens its default port.
 */
@Component(
        service = HttpPort.class,
        immediate = true,
        configurationPid = "http",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = HttpPort.Config.class)
public final class HttpPort {
    private static final String FELIX_HTTP = "org.apache.felix.http";

    /** The section {@code http}. */
    @ObjectClassDefinition(name = "API and console")
    @interface Config {
        /** The socket. */
        @Unit(Unit.Kind.SOCKET)
        @AttributeDefinition(
                description = "Where the REST API and the web console listen. Neither speaks TLS: put a proxy in front "
                        + "before this is anything but loopback.")
        String address() default "127.0.0.1:12080";

        /** Further names of this server. */
        @AttributeDefinition(
                required = false,
                description =
                        "Further host names under which the API answers; a request for any other name is refused, "
                                + "which stops DNS rebinding. The host of the address and localhost always count.")
        String[] hosts() default {};
    }

    @Activate
    public HttpPort(Config config, @Reference Server server, @Reference ConfigurationAdmin configurations)
            throws IOException {
        HostPort socket = HostPort.parse(config.address());
        Address.write(server.dataDir(), socket);
        Map<String, Object> values = Map.ofEntries(
                Map.entry("org.apache.felix.http.host", socket.host()),
                Map.entry("org.osgi.service.http.port", socket.port()),
                Map.entry("org.apache.felix.http.enable", true),
                Map.entry("org.apache.felix.https.enable", false),
                Map.entry("org.apache.felix.http2.enable", false),
                Map.entry("org.apache.felix.http.jetty.virtualthreads.enable", true),
                Map.entry("org.apache.felix.http.jetty.sendServerHeader", false),
                Map.entry("org.apache.felix.http.jetty.maxFormSize", Api.BODY_LIMIT),
                Map.entry("org.apache.felix.http.timeout", 30_000),
                Map.entry("org.apache.felix.https.jetty.session.cookie.httpOnly", true),
                Map.entry("org.apache.felix.http.session.timeout", 60));
        configurations.getConfiguration(FELIX_HTTP, "?").updateIfDifferent(FrameworkUtil.asDictionary(values));
    }
}
