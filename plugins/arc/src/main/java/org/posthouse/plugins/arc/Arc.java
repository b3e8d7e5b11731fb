// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.message.MessageReader;

/**
 * Validates the Authenticated Received Chain of a message as it came in (RFC 8617 5.2), and says in Authentication-Results how
 * it is.
 *
 * <p>Its budget is more than its patience and one question to DNS take; a failure defers, since later hooks would take a missing
 * result for a missing chain.
 */
@Hook(
        name = "arc",
        after = {"spf", "dkim-verify"},
        before = "dmarc",
        needs = {Need.BODY, Need.PEER},
        timeoutMillis = 30_000)
@Component(configurationPid = "arc", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Arc.Config.class)
public final class Arc implements DataHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "ARC")
    @interface Config {
        @AttributeDefinition(
                description = "Whether mail of clients in the trusted networks of their listener is left alone.",
                required = false)
        boolean skipTrusted() default true;

        @AttributeDefinition(description = "Whether mail of authenticated clients is left alone.", required = false)
        boolean skipAuthenticated() default true;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "8s",
                description = "How long the keys of one message are asked for, up to 15s.")
        long patience();

        @AttributeDefinition(
                description =
                        "What happens to a message whose chain is broken: mark says so in Authentication-Results alone,"
                                + " reject refuses it with 550 5.7.29.",
                options = {@Option(MARK), @Option("reject")},
                required = false)
        String onFail() default MARK;

        @AttributeDefinition(
                description =
                        "What happens to a message a key of whose chain can not be fetched now: mark takes the chain"
                                + " for broken, defer has the client try again.",
                options = {@Option(MARK), @Option("defer")},
                required = false)
        String onTemporary() default MARK;

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                defaultValue = "",
                description = "The domain that seals; empty is for not sealing.",
                required = false)
        String domain();

        @AttributeDefinition(
                description = "The selector of the key that seals, which is {domain}.{selector}.pem.",
                required = false)
        String selector() default "";

        @Unit(Unit.Kind.FILE)
        @AttributeDefinition(
                defaultValue = "dkim",
                description = "The folder of the keys; a relative one stands in the data folder.")
        String keys();

        @AttributeDefinition(
                description =
                        "Which mail of strangers is sealed: forwarded (to a domain that it was not sent to) or all.",
                options = {@Option("forwarded"), @Option("all")},
                required = false)
        String seals() default "forwarded";
    }

    private static final String MARK = "mark";
    private static final String METHOD = "arc";
    private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(15);

    /** For later hooks that trust some sealers: the domains of the seals of a valid chain over From, the first first. */
    private static final Note<String> SEALERS = new Note<>("arc.sealers", String.class, Note.Scope.TRANSACTION);

    private final Validator validator;
    private final boolean skipTrusted;
    private final boolean skipAuthenticated;
    private final boolean rejects;
    private final boolean defers;
    private final MeterRegistry meters;

    @Activate
    public Arc(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        this(config, dns, meters, Clock.systemUTC());
    }

    Arc(Config config, Dns dns, MeterRegistry meters, Clock clock) {
        Duration patience = Duration.ofMillis(config.patience());
        if (patience.isNegative() || patience.compareTo(LONGEST_PATIENCE) > 0) {
            throw new IllegalArgumentException("patience: up to 15s, so that the hook answers within its budget");
        }
        this.validator = new Validator(dns, clock, patience);
        this.skipTrusted = config.skipTrusted();
        this.skipAuthenticated = config.skipAuthenticated();
        this.rejects = config.onFail().equals("reject");
        this.defers = config.onTemporary().equals("defer");
        this.meters = meters;
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) throws IOException {
        if (skips(tx.session())) {
            return Verdict.next();
        }
        ChainResult chain;
        // What came in, not what hooks before this one made of it.
        try (MessageReader reader = new MessageReader(message.received().open())) {
            chain = validator.validate(reader);
        }
        meters.counter("posthouse.arc.chains", "result", chain.status().word()).increment();
        tx.put(Arrived.NOTE, Arrived.with(chain, tx.recipients()));
        tx.result(
                new AuthResults.Result(METHOD, chain.status().word(), chain.reason(), properties(chain, tx.session())));
        if (!chain.sealers().isEmpty()) {
            tx.put(SEALERS, String.join(" ", chain.sealers()));
        }
        return consequence(chain);
    }

    private boolean skips(Session session) {
        return skipTrusted && session.trusted() || skipAuthenticated && session.authenticated();
    }

    /** RFC 8617 10.2 registers both properties. */
    private static List<String> properties(ChainResult chain, Session session) {
        if (chain.status() == ChainResult.Status.NONE) {
            return List.of();
        }
        List<String> properties = new ArrayList<>();
        if (chain.status() == ChainResult.Status.PASS) {
            properties.add("header.oldest-pass=" + chain.oldestPass());
        }
        InetAddress client = session.peer().address().getAddress();
        if (client != null) {
            String text = client.getHostAddress();
            // RFC 8601 2.2: a colon has a meaning there.
            properties.add("smtp.remote-ip=" + (client instanceof Inet6Address ? '"' + text + '"' : text));
        }
        return properties;
    }

    private Verdict consequence(ChainResult chain) {
        String reason = "arc: " + chain.reason();
        if (chain.temporary() && defers) {
            return Verdict.defer("4.4.3", "The chain of this message can not be checked now")
                    .because(reason);
        }
        // RFC 8617 5.2.2.
        return chain.status() == ChainResult.Status.FAIL && rejects
                ? Verdict.reject("5.7.29", "ARC validation failure").because(reason)
                : Verdict.next();
    }
}
