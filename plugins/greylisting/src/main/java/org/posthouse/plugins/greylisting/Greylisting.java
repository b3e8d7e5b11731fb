// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Address;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.service.Limiter;
import org.posthouse.api.service.SharedState;
import org.posthouse.outside.network.Network;

/**
 * Defers mail of strangers until it is tried again (RFC 6647): asked behind all other hooks, so that what they refuse is
 * neither told to come again nor remembered.
 */
@Hook(
        name = "greylisting",
        after = {"*", "score-policy"},
        needs = Need.PEER,
        // It asks nobody but the shared state; when that can not answer, deferring is what this hook would do anyway.
        timeoutMillis = 2000)
@Component(configurationPid = "greylisting", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Greylisting.Config.class)
public final class Greylisting implements RcptHook, DataHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "Greylisting")
    @interface Config {
        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "0s",
                description = "How long mail that was not seen before must wait; 0s turns greylisting off. RFC 6647 5"
                        + " has one minute to 24 hours.")
        long delay();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "2d",
                description = "Within this time of the first attempt mail must be tried again; later it is new.")
        long retryWindow();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "36d",
                description = "How long what passed is remembered after its last use; RFC 6647 5 has at least a week.")
        long lifetime();

        @AttributeDefinition(
                description = "After this many messages of a client that were tried again and passed, the client is"
                        + " not asked to wait any more; 0 is never.",
                min = "0",
                required = false)
        int autoAllow() default 5;

        @AttributeDefinition(
                description = "Leading bits of an IPv4 address that stand for one client.",
                min = "1",
                max = "32",
                required = false)
        int ipv4Bits() default 24;

        @AttributeDefinition(
                description = "Leading bits of an IPv6 address that stand for one client.",
                min = "1",
                max = "128",
                required = false)
        int ipv6Bits() default 64;

        @AttributeDefinition(
                description = "What a pass of SPF does: exempt spares the wait, domain takes the domain in place of the"
                        + " network for the client, ignore nothing.",
                options = {@Option("exempt"), @Option("domain"), @Option("ignore")},
                required = false)
        String spf() default "exempt";

        @AttributeDefinition(
                description = "Whether clients that a list of known good ones has need not wait.",
                required = false)
        boolean exemptDnswl() default true;

        @AttributeDefinition(
                description = "Where mail with the null sender <> waits: data defers it at the final dot, so that"
                        + " servers that only ask whether an address exists get an answer; rcpt like other mail; exempt"
                        + " nowhere.",
                options = {@Option("data"), @Option("rcpt"), @Option("exempt")},
                required = false)
        String nullSender() default "data";

        @AttributeDefinition(
                description =
                        "Whether numbers, signatures and what follows a plus in the local part of a sender make no"
                                + " other sender, as lists and forwarders have them new in each message.",
                required = false)
        boolean normalizeSenders() default true;

        @AttributeDefinition(
                description = "Recipients whose mail waits, as addresses, domains or *.domain; none is all.",
                required = false)
        String[] domains() default {};

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(description = "Networks of clients that need not wait.", required = false)
        String[] exemptClients() default {};

        @AttributeDefinition(
                description = "Senders that need not wait, as addresses, domains or *.domain; anybody can write them.",
                required = false)
        String[] exemptSenders() default {};

        @AttributeDefinition(
                description = "Recipients whose mail need not wait, as addresses, domains or *.domain.",
                required = false)
        String[] exemptRecipients() default {};

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(
                description = "How many new ones of one client are remembered; those beyond are deferred all the same."
                        + " Empty is no limit.",
                required = false)
        String newPerClient() default "2000/hour";

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(
                description =
                        "How many new ones of one network (/24, /48) are remembered, whatever clients and SPF domains"
                                + " they are of; those beyond are deferred all the same. Empty is no limit.",
                required = false)
        String newPerNetwork() default "2000/hour";

        @AttributeDefinition(
                description = "The code of a refusal, 450 or 451.",
                min = "450",
                max = "451",
                required = false)
        int code() default 451;
    }

    private static final int IPV4_SITE = 24;
    private static final int IPV6_SITE = 48;

    /** So that a message to many recipients counts once for its client. */
    private static final Note<Boolean> COUNTED =
            new Note<>("greylisting.counted", Boolean.class, Note.Scope.TRANSACTION);

    private final Terms terms;
    private final Config config;
    private final Exemptions exemptions;
    private final Memory memory;
    private final Crowd crowd;
    private final Statistics statistics;
    private final MeterRegistry meters;

    @Activate
    public Greylisting(
            @Reference SharedState state, @Reference Limiter limiter, @Reference MeterRegistry meters, Config config) {
        this(state, limiter, meters, config, Clock.systemUTC());
    }

    Greylisting(SharedState state, Limiter limiter, MeterRegistry meters, Config config, Clock clock) {
        this.terms = Terms.of(config);
        this.config = config;
        this.exemptions = new Exemptions(config, new Allowances(state, clock));
        this.memory = new Memory(state, terms, clock);
        this.crowd = new Crowd(limiter, config, clock);
        this.statistics = new Statistics(state, clock);
        this.meters = meters;
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        boolean notice = tx.sender().address().isNull();
        if (terms.off()
                || Exemptions.ours(tx.session())
                || notice && config.nullSender().equals("data")) {
            return Verdict.next();
        }
        if (notice && config.nullSender().equals("exempt")) {
            statistics.count(Outcome.EXEMPT, meters);
            return Verdict.next().because("greylist: null sender");
        }
        return verdict(judge(tx, recipient.address()), tx, List.of(recipient));
    }

    /**
     * RFC 6647 5: a server that calls back to see whether a sender exists has gone before the data; what comes so far is a
     * notice.
     */
    @Override
    public Verdict onHeaders(Transaction tx, Headers headers) {
        if (terms.off()
                || Exemptions.ours(tx.session())
                || !tx.sender().address().isNull()
                || !config.nullSender().equals("data")) {
            return Verdict.next();
        }
        Answer worst = Answer.pass(Outcome.KNOWN);
        for (Recipient recipient : tx.recipients()) {
            Answer answer = judge(tx, recipient.address());
            worst = answer.pause().compareTo(worst.pause()) > 0 ? answer : worst;
        }
        return verdict(worst, tx, tx.recipients());
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        return Verdict.next();
    }

    private Answer judge(Transaction tx, Address recipient) {
        InetAddress client = tx.session().peer().address().getAddress();
        Answer answer = exemptions.of(tx, client, recipient).map(Answer::spare).orElseGet(() -> ask(tx, recipient));
        statistics.count(answer.outcome(), meters);
        return answer;
    }

    private Answer ask(Transaction tx, Address recipient) {
        Triplet triplet = new Triplet(client(tx), sender(tx.sender().address()), recipient.toString());
        Answer answer = memory.ask(triplet, () -> crowd.excess(triplet.client(), around(tx)));
        if (answer.outcome() == Outcome.RETRIED && tx.get(COUNTED).isEmpty()) {
            tx.put(COUNTED, true);
            memory.passed(triplet.client());
        }
        return answer;
    }

    private String client(Transaction tx) {
        Optional<String> domain =
                config.spf().equals("domain") ? SpfPass.domain(tx.results(), tx.sender()) : Optional.empty();
        return domain.orElseGet(() ->
                network(tx.session().peer().address().getAddress(), config).toString());
    }

    /** What one customer of a provider has: with 65536 networks of clients, or with names that pass SPF at will. */
    private static Network around(Transaction tx) {
        return Network.around(tx.session().peer().address().getAddress(), IPV4_SITE, IPV6_SITE);
    }

    static Network network(InetAddress address, Config config) {
        return Network.around(address, config.ipv4Bits(), config.ipv6Bits());
    }

    private String sender(Address address) {
        return config.normalizeSenders() ? SenderKey.of(address) : address.toString();
    }

    private Verdict verdict(Answer answer, Transaction tx, List<Recipient> recipients) {
        if (!answer.waits()) {
            return Verdict.next().because("greylist: " + answer.why());
        }
        // Up to the next second: who comes back exactly then must not be early.
        long seconds = answer.pause().plus(Duration.ofNanos(999_999_999)).toSeconds();
        return Verdict.defer(config.code(), "4.7.1", "Greylisted, try again in " + seconds + " seconds")
                .because(answer.why() + ": " + client(tx) + " for "
                        + recipients.getFirst().address());
    }
}
