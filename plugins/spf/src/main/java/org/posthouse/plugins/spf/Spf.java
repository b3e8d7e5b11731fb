// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.service.Dns;

/**
 * Asks the sender's domain whether the client may send for it (RFC 7208).
 *
 * <p>After the checks at MAIL that cost nothing. The budget is what a check may take, one last question of DNS and a margin, so
 * that a slow server ends in a temperror and not in an overdue hook; where that happens nonetheless nobody knows who sent it,
 * and mail is deferred.
 */
@Hook(
        name = "spf",
        after = {"block-sender", "rate-limiter", "sender-checks"},
        needs = {Need.PEER, Need.EDIT_HEADERS},
        timeoutMillis = 30_000)
@Component(configurationPid = "spf", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Spf.Config.class)
public final class Spf implements MailHook, DataHook {
    private static final String MARK = "mark";

    /** What the operator sets. */
    @ObjectClassDefinition(name = "SPF")
    @interface Config {
        @AttributeDefinition(
                description = "Profiles of listeners whose mail is checked.",
                options = {@Option("mx"), @Option("relay"), @Option("submission")},
                required = false)
        String[] profiles() default {"mx"};

        @AttributeDefinition(
                description = "Whether clients in the trusted networks of their listener are checked.",
                required = false)
        boolean checkTrusted() default false;

        @AttributeDefinition(description = "Whether authenticated clients are checked.", required = false)
        boolean checkAuthenticated() default false;

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(
                description = "Networks of clients that are not checked, such as your own second mail exchanger.",
                required = false)
        String[] exemptNetworks() default {};

        @AttributeDefinition(
                description = "When what HELO said is checked: null-sender for mail without a reverse-path, always"
                        + " also beside the reverse-path.",
                options = {@Option("null-sender"), @Option("always")},
                required = false)
        String helo() default "null-sender";

        @AttributeDefinition(
                description = "What happens to mail from a host that the domain does not permit.",
                options = {@Option(MARK), @Option("reject"), @Option("defer")},
                required = false)
        String onFail() default MARK;

        @AttributeDefinition(
                description = "What happens to mail from a host that the domain probably does not permit.",
                options = {@Option(MARK), @Option("reject"), @Option("defer")},
                required = false)
        String onSoftfail() default MARK;

        @AttributeDefinition(
                description = "What happens to mail of a domain whose record can not be understood.",
                options = {@Option(MARK), @Option("reject"), @Option("defer")},
                required = false)
        String onPermerror() default MARK;

        @AttributeDefinition(
                description = "What happens to mail when DNS does not tell.",
                options = {@Option(MARK), @Option("defer")},
                required = false)
        String onTemperror() default MARK;

        @AttributeDefinition(
                description = "Whether a refused client is told what its domain wants it to be told.",
                required = false)
        boolean explain() default true;

        @AttributeDefinition(description = POINTS + "none, SPF_NONE.", required = false)
        double scoreNone() default 0;

        @AttributeDefinition(description = POINTS + "neutral, SPF_NEUTRAL.", required = false)
        double scoreNeutral() default 0;

        @AttributeDefinition(description = POINTS + "pass, SPF_PASS.", required = false)
        double scorePass() default 0;

        @AttributeDefinition(description = POINTS + "fail, SPF_FAIL.", required = false)
        double scoreFail() default 0;

        @AttributeDefinition(description = POINTS + "softfail, SPF_SOFTFAIL.", required = false)
        double scoreSoftfail() default 0;

        @AttributeDefinition(description = POINTS + "permerror, SPF_PERMERROR.", required = false)
        double scorePermerror() default 0;

        @AttributeDefinition(description = POINTS + "temperror, SPF_TEMPERROR.", required = false)
        double scoreTemperror() default 0;

        @AttributeDefinition(
                description = "Whether messages get a Received-SPF field for each identity that was checked.",
                required = false)
        boolean receivedSpf() default false;

        @AttributeDefinition(
                description = "The name of this host in explanations and Received-SPF; empty is unknown.",
                required = false)
        String receiver() default "";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "20s",
                min = "1s",
                max = "20s",
                description = "How long the questions of one MAIL may take until the result is temperror.")
        long timeout();

        @AttributeDefinition(
                description = "How many terms of a record may ask for what does not exist.",
                min = "0",
                max = "10",
                required = false)
        int voidLookups() default 2;
    }

    private static final String POINTS = "Points of the result ";

    private static final int LONGEST_WHY = 100;

    private static final Note<Checked> CHECKED = new Note<>("spf.checked", Checked.class, Note.Scope.SESSION);

    private static final Note<Fields> FIELDS = new Note<>("spf.fields", Fields.class, Note.Scope.TRANSACTION);

    /** Values of Received-SPF fields that wait for the message. */
    private record Fields(List<String> values) {}

    private final Set<String> profiles;
    private final boolean checkTrusted;
    private final boolean checkAuthenticated;
    private final List<Network> exempt;
    private final boolean heloAlways;
    private final Consequences consequences;
    private final boolean explain;
    private final boolean receivedSpf;
    private final String receiver;
    private final Duration timeout;
    private final int voidLookups;
    private final Dns dns;
    private final Counts counts;
    private final InstantSource clock;
    private final LongSupplier nanos;

    @Activate
    public Spf(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        this(config, dns, meters, InstantSource.system(), System::nanoTime);
    }

    Spf(Config config, Dns dns, MeterRegistry meters, InstantSource clock, LongSupplier nanos) {
        this.profiles = Set.copyOf(List.of(config.profiles()));
        this.checkTrusted = config.checkTrusted();
        this.checkAuthenticated = config.checkAuthenticated();
        this.exempt = Stream.of(config.exemptNetworks()).map(Network::of).toList();
        this.heloAlways = config.helo().equals("always");
        this.consequences = new Consequences(config);
        this.explain = config.explain() && consequences.refusesFail();
        this.receivedSpf = config.receivedSpf();
        this.receiver = Client.receiver(config.receiver());
        this.timeout = Duration.ofMillis(config.timeout());
        this.voidLookups = config.voidLookups();
        this.dns = dns;
        this.counts = new Counts(meters);
        this.clock = clock;
        this.nanos = nanos;
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        Session session = tx.session();
        InetAddress address = session.peer().address().getAddress();
        if (address == null || exempt(session, address)) {
            return Verdict.next();
        }
        Client client = new Client(address, Domains.ascii(session.helo()), receiver);
        Checked checked = session.get(CHECKED).orElse(Checked.NOTHING);
        long end = nanos.getAsLong() + timeout.toNanos();
        List<String> fields = new ArrayList<>();
        Verdict verdict = Verdict.next();
        for (Identity identity : identities(sender, client)) {
            String said = client.helo() + "\n" + identity.property() + "\n" + identity;
            Judgement judgement = checked.of(said).orElseGet(() -> judge(client, identity, end));
            checked = checked.with(said, judgement);
            leave(tx, identity, judgement);
            fields.add(ReceivedSpf.value(client, identity, judgement));
            if (!(verdict instanceof Verdict.Refusal)) {
                verdict = consequences.verdict(identity, judgement);
            }
        }
        session.put(CHECKED, checked);
        if (receivedSpf) {
            tx.put(FIELDS, new Fields(fields));
        }
        return verdict;
    }

    private boolean exempt(Session session, InetAddress address) {
        return !profiles.contains(session.profile())
                || (session.trusted() && !checkTrusted)
                || (session.authenticated() && !checkAuthenticated)
                || exempt.stream().anyMatch(network -> network.contains(address));
    }

    /** RFC 7208 2.3, 2.4: without a reverse-path, HELO stands in its place. */
    private List<Identity> identities(Sender sender, Client client) {
        Identity identity = Identity.of(sender.address(), client.helo());
        return heloAlways && !sender.address().isNull()
                ? List.of(Identity.helo(client.helo()), identity)
                : List.of(identity);
    }

    private Judgement judge(Client client, Identity identity, long end) {
        Questions questions = new Questions(nanos, end, voidLookups);
        return new CheckHost(dns, client, identity, questions, clock).run(explain);
    }

    private void leave(Transaction tx, Identity identity, Judgement judgement) {
        Result result = judgement.result();
        counts.count(identity, result);
        tx.result(new AuthResults.Result(
                "spf",
                result.word(),
                Printed.cut(Printed.ascii(judgement.why()), LONGEST_WHY),
                List.of("smtp." + identity.property() + "=" + Printed.property(identity))));
        double points = consequences.points(result);
        if (points != 0) {
            tx.score(Consequences.symbol(result), points);
        }
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        // RFC 7208 9.1: above what the message came with, the newest on top.
        tx.get(FIELDS)
                .ifPresent(fields ->
                        fields.values().forEach(value -> tx.edit(Edit.prependHeader(ReceivedSpf.NAME, value))));
        return Verdict.next();
    }
}
