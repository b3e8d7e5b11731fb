// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.config.Unit;
import org.posthouse.delivery.client.TlsPolicy;

/** One entry below the key {@code routes}. */
@Component(service = RouteEntry.class, configurationPid = "routes", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RouteEntry.Config.class, factory = true)
public final class RouteEntry {
    /** An entry below the key {@code routes}. */
    @ObjectClassDefinition(
            name = "Route",
            description =
                    "Where mail for some domains goes. Exact names win over wildcards, then the first entry wins.")
    @interface Config {
        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(description = "Domains: a name, *.name for everything below it, or * for everything.")
        String[] domains();

        @Unit(Unit.Kind.HOP)
        @AttributeDefinition(
                defaultValue = "mx",
                description =
                        "The next hop: mx for the mail exchangers of the domain, smtp://host:port (25), lmtp://host:port (24).")
        String relay();

        @AttributeDefinition(
                defaultValue = "opportunistic",
                options = {
                    @Option(label = "where offered", value = "opportunistic"),
                    @Option(label = "never", value = "none"),
                    @Option(label = "always, with any certificate", value = "require"),
                    @Option(label = "always, with a trusted certificate for the host", value = "verify")
                },
                description = "Whether connections are encrypted.")
        String tls();
    }

    private final Rule rule;

    @Activate
    public RouteEntry(Config config, Map<String, Object> properties) {
        Object order = properties.get(".order");
        String pid = String.valueOf(properties.get("service.pid"));
        this.rule = Rule.of(
                pid.substring(pid.indexOf('~') + 1),
                List.of(config.domains()),
                config.relay(),
                TlsPolicy.valueOf(config.tls().toUpperCase(Locale.ROOT)),
                order instanceof Number number ? number.longValue() : Long.MAX_VALUE);
    }

    Rule rule() {
        return rule;
    }
}
