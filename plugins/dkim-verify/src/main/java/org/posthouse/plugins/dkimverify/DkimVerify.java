// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimverify;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.dkim.Check;
import org.posthouse.mailauth.dkim.Verifier;
import org.posthouse.mailauth.message.MessageReader;

/**
 * Checks the DKIM signatures of a message as it came in (RFC 6376), and says in Authentication-Results how they are.
 *
 * <p>Its budget is more than its patience and one question to DNS take; a failure defers, since later hooks would take a missing
 * result for a missing signature.
 */
@Hook(
        name = "dkim-verify",
        before = {"arc", "dmarc"},
        needs = Need.BODY,
        timeoutMillis = 30_000)
@Component(configurationPid = "dkim-verify", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = DkimVerify.Config.class)
public final class DkimVerify implements DataHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "DKIM verification")
    @interface Config {
        @AttributeDefinition(
                description =
                        "How many signatures of a message are checked: those of the author's domain, then of names above and"
                                + " below it and beside it, then others, each from the top.",
                min = "1",
                max = "20",
                required = false)
        int signatures() default 5;

        @AttributeDefinition(
                description = "The shortest RSA key whose signature counts.",
                min = "1024",
                max = "8192",
                required = false)
        int leastRsaBits() default 1024;

        @AttributeDefinition(
                description = "Whether a signature counts that leaves the end of the body out (tag l).",
                required = false)
        boolean partialBody() default true;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "8s",
                description =
                        "How long the keys of one message are asked for, up to 15s; what is not known then is temperror.",
                required = false)
        long patience();

        @AttributeDefinition(
                description = "Whether mail of clients in the trusted networks of their listener is left alone.",
                required = false)
        boolean skipTrusted() default true;

        @AttributeDefinition(description = "Whether mail of authenticated clients is left alone.", required = false)
        boolean skipAuthenticated() default true;

        @AttributeDefinition(
                description = "What happens to a message of which no signature is right, none waits for DNS and one is"
                        + " wrong: mark says so in Authentication-Results alone.",
                options = {@Option("mark"), @Option("hold"), @Option("reject")},
                required = false)
        String onFail() default "mark";

        @AttributeDefinition(
                description =
                        "What happens to a message of which no signature is right, and one can not be checked now.",
                options = {@Option("mark"), @Option("defer")},
                required = false)
        String onTemporary() default "mark";

        @AttributeDefinition(description = "Points of a message with a right signature.", required = false)
        double passPoints() default 0;

        @AttributeDefinition(description = "Points of a message with wrong signatures alone.", required = false)
        double failPoints() default 0;

        @AttributeDefinition(
                description =
                        "Points of a message whose signatures can not be used: malformed, expired, without a key.",
                required = false)
        double unusablePoints() default 0;

        @AttributeDefinition(description = "Points of a message without a signature.", required = false)
        double nonePoints() default 0;
    }

    private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(15);

    private final Verifier verifier;
    private final Consequences consequences;
    private final Tallies tallies;
    private final boolean skipTrusted;
    private final boolean skipAuthenticated;

    /** Made by the component runtime. */
    @Activate
    public DkimVerify(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        this(config, dns, meters, Clock.systemUTC());
    }

    DkimVerify(Config config, Dns dns, MeterRegistry meters, Clock clock) {
        Duration patience = Duration.ofMillis(config.patience());
        if (patience.isNegative() || patience.compareTo(LONGEST_PATIENCE) > 0) {
            throw new IllegalArgumentException("patience is up to 15s, so that the hook answers within its budget");
        }
        verifier = new Verifier(
                dns,
                clock,
                new Verifier.Rules(config.signatures(), config.leastRsaBits(), config.partialBody(), patience));
        consequences = new Consequences(config);
        tallies = new Tallies(meters);
        skipTrusted = config.skipTrusted();
        skipAuthenticated = config.skipAuthenticated();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) throws IOException {
        if (skips(tx.session())) {
            return Verdict.next();
        }
        List<Check> checks;
        // What came in, not what hooks before this one made of it.
        try (MessageReader reader = new MessageReader(message.received().open())) {
            checks = verifier.verify(reader);
        }
        tallies.count(checks);
        ResultLines.of(checks).forEach(tx::result);
        return consequences.of(checks, tx);
    }

    private boolean skips(Session session) {
        return skipTrusted && session.trusted() || skipAuthenticated && session.authenticated();
    }
}
