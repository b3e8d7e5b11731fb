// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authhttp;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Need;
import org.posthouse.api.Session;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.Hook;

/** Lets in whom an HTTP endpoint lets in: it is asked with Basic authentication (RFC 7617). */
@Hook(
        name = "auth-http",
        needs = {Need.SECRETS, Need.NETWORK},
        timeoutMillis = 10_000)
@Component(configurationPid = "auth-http", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = AuthHttp.Config.class)
public final class AuthHttp implements Authenticator {
    /** What the operator says. */
    @ObjectClassDefinition(name = "Users behind an HTTP endpoint")
    @interface Config {
        @AttributeDefinition(description = "What is asked, by GET: https, or http on this machine alone.")
        String url();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "3s", description = "How long an answer may take, up to 9s.")
        long timeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "1m", description = "How long a yes is remembered; 0s for not at all.")
        long cache();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "10s", description = "How long a no is remembered; 0s for not at all.")
        long cacheDenied();

        @AttributeDefinition(description = "How many answers are remembered at most.", min = "1")
        int cacheSize() default 10_000;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "2s",
                description = "How long an endpoint that gave no answer is left alone, and then asked by one alone.")
        long pause();

        @AttributeDefinition(description = "How many ask at once.", min = "1")
        int concurrency() default 20;

        @AttributeDefinition(
                description = "The header of the answer that says who it is; without it, the name the client gave.")
        String header() default "X-Auth-User";
    }

    private final Endpoint endpoint;
    private final Remembered remembered;

    /** Made by the component runtime. */
    @Activate
    public AuthHttp(Config config) {
        this.endpoint = Endpoint.of(config);
        this.remembered = new Remembered(config.cache(), config.cacheDenied(), config.cacheSize(), endpoint::ask);
    }

    @Deactivate
    void close() {
        endpoint.close();
    }

    @Override
    public Answer authenticate(Session session, Credentials credentials) {
        return switch (credentials) {
            case Credentials.Password password -> remembered.ask(password);
            case Credentials.Bearer bearer -> new Answer.Denied("no tokens here");
        };
    }
}
