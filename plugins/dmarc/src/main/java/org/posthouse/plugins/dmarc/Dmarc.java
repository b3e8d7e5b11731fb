// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Jobs;
import org.posthouse.api.service.Outbox;
import org.posthouse.api.service.SharedState;
import org.posthouse.mailauth.message.Author;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does with a message what the owner of its author's domain wants (RFC 9989), as far as the operator follows.
 *
 * <p>The budget covers the time for DNS, with the last answer still under way when it is over. What fails beyond that defers:
 * whoever enforces would otherwise let in what should be refused.
 */
@Hook(
        name = "dmarc",
        after = {"spf", "dkim-verify", "arc"},
        needs = {Need.PEER},
        timeoutMillis = 20_000)
@Component(configurationPid = "dmarc", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Dmarc.Config.class)
public final class Dmarc implements DataHook, HealthCheck {
    private static final Logger LOG = LoggerFactory.getLogger(Dmarc.class);

    /** What the operator wants. */
    @ObjectClassDefinition(name = "DMARC")
    @interface Config {
        @AttributeDefinition(
                description = "Profiles of listeners whose mail is judged.",
                options = {@Option("mx"), @Option("relay"), @Option("submission")},
                required = false)
        String[] profiles() default {"mx"};

        @AttributeDefinition(
                description =
                        "How far the wishes of domain owners are followed: enforce (reject refuses, quarantine holds), quarantineOnly (both hold), report (nothing is done).",
                options = {@Option("enforce"), @Option("quarantineOnly"), @Option("report")},
                required = false)
        String action() default "report";

        @AttributeDefinition(
                description =
                        "Actions for single author domains and all below them, as domain=action; the nearest domain counts.",
                required = false)
        String[] overrides() default {};

        @AttributeDefinition(
                description =
                        "How policy and organisational domain are found: treewalk (RFC 9989) or psl (RFC 7489, by the public suffix list).",
                options = {@Option("treewalk"), @Option("psl")},
                required = false)
        String discovery() default "treewalk";

        @AttributeDefinition(
                description =
                        "Whether, in a tree walk, a domain of the public suffix list whose record does not say psd=n counts as a public suffix.",
                required = false)
        boolean listedSuffixes() default true;

        @AttributeDefinition(
                description =
                        "What happens to mail that can not be judged because DNS does not answer: continue, or defer (where the action is not report); mail of several author domains is always deferred there.",
                options = {@Option("continue"), @Option("defer")},
                required = false)
        String onError() default "continue";

        @AttributeDefinition(
                description =
                        "What happens to mail with an author whose domain can not be read, without any author, or with more than ten author domains: follow (reject where action is enforce, hold where it is quarantineOnly, accept where it is report), accept, hold, reject.",
                options = {@Option("follow"), @Option("accept"), @Option("hold"), @Option("reject")},
                required = false)
        String unreadableFrom() default "follow";

        @AttributeDefinition(
                description = "Whether clients in the trusted networks of their listener are not judged.",
                required = false)
        boolean exemptTrusted() default true;

        @AttributeDefinition(description = "Whether clients that authenticated are not judged.", required = false)
        boolean exemptAuthenticated() default true;

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                description =
                        "Domains of forwarders: what they sealed by ARC and saw pass is not refused and not held.",
                required = false)
        String[] trustedSealers() default {};

        @AttributeDefinition(
                description =
                        "Aggregate reports: off (nothing is collected), collect (kept and listed, not sent), send (to whom the records name, once a day).",
                options = {@Option("off"), @Option("collect"), @Option("send")},
                required = false)
        String reports() default "off";

        @AttributeDefinition(
                description = "The address that reports come from; nothing is sent without one.",
                required = false)
        String reportFrom() default "";

        @AttributeDefinition(
                description = "The name of your organisation in reports; empty is the domain they come from.",
                required = false)
        String reportOrganisation() default "";

        @AttributeDefinition(
                description = "Whom to ask about reports; empty is the address they come from.",
                required = false)
        String reportContact() default "";

        @AttributeDefinition(
                description = "How many different rows are collected a day for all reports together.",
                min = "1",
                max = "1000000",
                required = false)
        long reportRows() default 50_000;
    }

    private static final String METHOD = "dmarc";
    private static final String UNREADABLE = "an author has no domain that can be judged";
    private static final String JOB = "dmarc-reports";
    private static final Duration BETWEEN_RUNS = Duration.ofMinutes(10);
    private static final Duration DNS_TIME = Duration.ofSeconds(10);

    /** More authors than that are nobody. */
    private static final int MOST_AUTHORS = 10;

    private final Dns dns;
    private final Clock clock;
    private final MeterRegistry meters;
    private final Judge judge;
    private final LocalPolicy policy;
    private final Sealers sealers;
    private final Verdict unreadable;
    private final Set<String> profiles;
    private final boolean exemptTrusted;
    private final boolean exemptAuthenticated;
    private final @Nullable Counting counting;
    private final @Nullable AutoCloseable job;
    private final Finding finding;

    @Activate
    public Dmarc(
            Config config,
            @Reference Dns dns,
            @Reference SharedState state,
            @Reference Jobs jobs,
            @Reference Outbox outbox,
            @Reference MeterRegistry meters) {
        this(config, dns, state, jobs, outbox, meters, Clock.systemUTC());
    }

    Dmarc(Config config, Dns dns, SharedState state, Jobs jobs, Outbox outbox, MeterRegistry meters, Clock clock) {
        this.dns = dns;
        this.clock = clock;
        this.meters = meters;
        Discovery discovery = discovery(config);
        this.judge = new Judge(discovery);
        this.policy = new LocalPolicy(
                new Actions(config.action(), config.overrides()),
                config.onError().equals("defer"));
        this.sealers = new Sealers(config.trustedSealers());
        this.unreadable = unreadable(config.unreadableFrom(), config.action());
        this.profiles = Set.copyOf(List.of(config.profiles()));
        this.exemptTrusted = config.exemptTrusted();
        this.exemptAuthenticated = config.exemptAuthenticated();
        Ledger ledger = new Ledger(state, config.reportRows());
        this.counting = config.reports().equals("off") ? null : new Counting(ledger, discovery.method(), clock, meters);
        Optional<Origin> origin = Origin.of(config.reportOrganisation(), config.reportFrom(), config.reportContact());
        boolean sends = config.reports().equals("send");
        this.finding = sends && origin.isEmpty()
                ? new Finding(Level.WARN, "reports are collected and not sent: reportFrom is no address")
                : Finding.OK;
        // Registered last: what throws above would leave it running.
        this.job = sends && origin.isPresent()
                ? jobs.every(
                        JOB,
                        BETWEEN_RUNS,
                        new Reporter(ledger, discovery, dns, outbox, origin.get(), clock, meters)::run)
                : null;
    }

    /** How the operator wants records to be found. */
    static Discovery discovery(Config config) {
        Suffixes suffixes = new Suffixes();
        if (config.discovery().equals("psl")) {
            return new SuffixDiscovery(suffixes);
        }
        return new TreeWalk(config.listedSuffixes() ? suffixes::lists : domain -> false);
    }

    private static Verdict unreadable(String word, String action) {
        return switch (word.equals("follow") ? action : word) {
            case "reject", "enforce" ->
                // RFC 5322 3.6.2: there is one From field, and it names mailboxes.
                Verdict.reject("5.6.0", "From names an author without a domain that can be judged")
                        .because(UNREADABLE);
            case "hold", "quarantineOnly" -> Verdict.hold(UNREADABLE);
            default -> Verdict.next();
        };
    }

    @Deactivate
    void close() {
        if (job != null) {
            try {
                job.close();
            } catch (Exception e) {
                LOG.warn("The job {} can not be closed: {}", JOB, e.toString());
            }
        }
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        Session session = tx.session();
        if (exempt(session)) {
            return Verdict.next();
        }
        Author from = Author.of(message.headers());
        List<String> authors = from.domains();
        if (authors.isEmpty() || authors.size() > MOST_AUTHORS) {
            // RFC 9989 5.3.1: there is nobody to ask.
            tx.result(new AuthResults.Result(METHOD, "none", "no author domain", List.of()));
            count("none", Policy.NONE);
            return unreadable;
        }
        Identifiers identifiers = Identifiers.of(tx.results(), tx.sender().address());
        Lookups lookups = new Lookups(dns, clock, DNS_TIME);
        List<Ruling> rulings = new ArrayList<>();
        // RFC 9989 5.3.1 and 11.5: of several authors each is judged, for the reader may be shown any of them.
        for (String author : authors) {
            Judgement judgement = judge.judge(author, identifiers, lookups);
            Ruling ruling = policy.rule(
                    judgement,
                    authors.size() == 1,
                    Math.floorMod(tx.id().hashCode(), 100),
                    () -> sealers.vouch(tx, message.headers(), author));
            tx.result(result(judgement, ruling));
            count(judgement.result().word(), ruling.disposition());
            collect(tx, message, judgement, ruling, identifiers);
            rulings.add(ruling);
        }
        Verdict judged = rulings.stream()
                .reduce((one, other) -> other.outweighs(one) ? other : one)
                .map(Ruling::verdict)
                .orElse(Verdict.next());
        return from.whole() ? judged : withSomebodyElse(judged);
    }

    /** The reader may be shown an author beside those that were judged, about whom nobody could be asked. */
    private Verdict withSomebodyElse(Verdict judged) {
        return judged instanceof Verdict.Continue && !(unreadable instanceof Verdict.Continue) ? unreadable : judged;
    }

    private boolean exempt(Session session) {
        return !profiles.contains(session.profile())
                || exemptTrusted && session.trusted()
                || exemptAuthenticated && session.authenticated();
    }

    /** RFC 8601 2.7, with the properties of RFC 7489 11.1. */
    private static AuthResults.Result result(Judgement judgement, Ruling ruling) {
        List<String> properties = new ArrayList<>();
        if (judgement.published().isPresent()) {
            properties.add("policy.dmarc=" + ruling.evaluated().word());
        }
        properties.add("header.from=" + judgement.author());
        return new AuthResults.Result(METHOD, judgement.result().word(), judgement.reason(), properties);
    }

    private void collect(Transaction tx, Message message, Judgement judgement, Ruling ruling, Identifiers identifiers) {
        boolean report = judgement.result() == Judgement.Result.PASS && Letter.isOne(message.headers());
        InetAddress client = tx.session().peer().address().getAddress();
        // Two that report to each other would go on for ever, so what is certainly a report is not reported about.
        if (counting == null || judgement.published().isEmpty() || client == null || report) {
            return;
        }
        counting.add(
                judgement.published().get(),
                Row.of(literal(client), judgement, ruling, tx.sender().domain(), identifiers));
    }

    /** The address without the interface that a link-local one was met on. */
    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        return text.indexOf('%') < 0 ? text : text.substring(0, text.indexOf('%'));
    }

    private void count(String result, Policy disposition) {
        Counter.builder("posthouse.dmarc.messages")
                .description("Messages by the result of DMARC and what was done")
                .tag("result", result)
                .tag("disposition", disposition.word())
                .register(meters)
                .increment();
    }

    @Override
    public String name() {
        return "dmarc";
    }

    @Override
    public Finding check() {
        return finding;
    }
}
