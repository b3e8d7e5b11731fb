// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.service.Dns;

/**
 * Asks DNS lists (RFC 5782) about clients at the connection and about domains at MAIL, and scores, defers or refuses by the sum
 * of their weights.
 *
 * <p>Its budget is above three rounds of questions, each of which takes the longest timeout that can be set.
 */
@Hook(name = "dnsbl", needs = Need.PEER, timeoutMillis = 15_000)
@Component(configurationPid = "dnsbl", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Dnsbl.Config.class)
public final class Dnsbl implements ConnectHook, MailHook, RcptHook, HealthCheck {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "DNS lists")
    @interface Config {
        @AttributeDefinition(
                description = "Lists asked about the addresses of clients, each as `zone=filter*weight`; filter and"
                        + " weight may be left out.",
                required = false)
        String[] lists() default {};

        @AttributeDefinition(
                description = "Lists asked about the domains of HELO and MAIL, written alike.",
                required = false)
        String[] domainLists() default {};

        @AttributeDefinition(
                min = "0",
                description = "Sums of at least this are refused with 550 5.7.1; 0 is never.",
                required = false)
        double reject() default 0;

        @AttributeDefinition(
                min = "0",
                description = "Sums of at least this are refused for now with 451 4.7.1; 0 is never.",
                required = false)
        double defer() default 0;

        @AttributeDefinition(
                max = "0",
                description = "Clients with sums of at most this are told to other plugins as good; 0 is never.",
                required = false)
        double allow() default -1;

        @AttributeDefinition(
                description = "Where a client is refused: rcpt (postmaster is reached, and the refusal is told for"
                        + " each recipient) or connect (in place of the banner, by the lists of addresses alone).",
                options = {@Option("rcpt"), @Option("connect")},
                required = false)
        String refuseAt() default "rcpt";

        @AttributeDefinition(
                description = "What becomes of a client when lists told nothing that could have refused it: continue,"
                        + " or defer.",
                options = {@Option("continue"), @Option("defer")},
                required = false)
        String onError() default "continue";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "2s",
                min = "100ms",
                max = "4s",
                description = "How long each list may take; all are asked at the same time.",
                required = false)
        long timeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "1m",
                min = "1s",
                description = "For how long a list is left out that failed five times in a row.",
                required = false)
        long rest();

        @AttributeDefinition(
                description = "The profiles of listeners on which strangers are asked about.",
                required = false)
        String[] profiles() default {"mx"};

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(
                description = "Networks of clients that no list is asked about, beside the private ones.",
                required = false)
        String[] exemptNetworks() default {};
    }

    static final Note<Boolean> ALLOWED = new Note<>("dnsbl.allowed", Boolean.class, Note.Scope.SESSION);
    static final Note<String> LISTED = new Note<>("dnsbl.listed", String.class, Note.Scope.SESSION);
    private static final Note<Findings> CLIENT = new Note<>("dnsbl.client", Findings.class, Note.Scope.SESSION);
    private static final Note<Verdict> VERDICT = new Note<>("dnsbl.verdict", Verdict.class, Note.Scope.TRANSACTION);

    private final Panel clients;
    private final Panel domains;
    private final Judge judge;
    private final double allow;
    private final boolean atConnect;
    private final Set<String> profiles;
    private final Unlisted exempt;
    private final MeterRegistry meters;

    @Activate
    public Dnsbl(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        this(config, dns, meters, System::nanoTime);
    }

    Dnsbl(Config config, Dns dns, MeterRegistry meters, LongSupplier nanos) {
        Duration timeout = Duration.ofMillis(config.timeout());
        Duration rest = Duration.ofMillis(config.rest());
        this.meters = meters;
        this.clients = Panel.of(config.lists(), timeout, rest, dns, nanos, this::heard);
        this.domains = Panel.of(config.domainLists(), timeout, rest, dns, nanos, this::heard);
        this.judge = new Judge(config.reject(), config.defer(), config.onError().equals("defer"));
        this.allow = config.allow();
        this.atConnect = config.refuseAt().equals("connect");
        this.profiles = Set.copyOf(List.of(config.profiles()));
        this.exempt = new Unlisted(config.exemptNetworks());
    }

    private void heard(Word word) {
        meters.counter(
                        "posthouse.dnsbl.answers",
                        "list",
                        word.list().zone(),
                        "outcome",
                        word.outcome().word())
                .increment();
    }

    /** Whether lists are asked about the client of this session. */
    private boolean asks(Session session) {
        InetAddress client = session.peer().address().getAddress();
        return profiles.contains(session.profile())
                && !session.trusted()
                && !session.authenticated()
                && client != null
                && !exempt.has(client);
    }

    @Override
    public Verdict onConnect(Session session) {
        if (clients.isEmpty() || !asks(session)) {
            return Verdict.next();
        }
        Findings found = client(session);
        if (atConnect) {
            Verdict verdict = Judge.inPlaceOfBanner(verdict(found));
            if (verdict instanceof Verdict.Refusal) {
                return counted(verdict);
            }
        }
        return Verdict.next().because(found.toString());
    }

    /** What the lists say of the client; asked once, and again by a version of this plugin that was not there before. */
    private Findings client(Session session) {
        Optional<Findings> known = session.get(CLIENT);
        if (known.isPresent()) {
            return known.get();
        }
        if (clients.isEmpty()) {
            return Findings.NONE;
        }
        Findings found = new Findings(
                clients.ask(List.of(Subject.of(session.peer().address().getAddress()))));
        session.put(CLIENT, found);
        if (allow < 0 && found.sum() <= allow) {
            session.put(ALLOWED, true);
        }
        if (found.sum() > 0) {
            session.put(LISTED, found.bad());
        }
        return found;
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        Session session = tx.session();
        if (!asks(session)) {
            return Verdict.next();
        }
        Findings found = client(session).and(domains(session.helo(), sender.domain()));
        found.listed().forEach(word -> tx.score(word.list().symbol(word.points()), word.points()));
        Verdict verdict = verdict(found);
        if (verdict instanceof Verdict.Refusal) {
            tx.put(VERDICT, verdict);
        }
        return Verdict.next().because(found.toString());
    }

    private Findings domains(String... names) {
        Set<String> asked = new LinkedHashSet<>();
        for (String name : names) {
            if (Subject.isDomain(name)) {
                asked.add(name.toLowerCase(Locale.ROOT));
            }
        }
        return domains.isEmpty() || asked.isEmpty()
                ? Findings.NONE
                : new Findings(domains.ask(asked.stream().map(Subject::of).toList()));
    }

    /** The verdict, with the words of the list that counts most. */
    private Verdict verdict(Findings found) {
        return judge.judge(found, word -> clients.text(word));
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        Optional<Verdict> verdict = tx.get(VERDICT);
        // RFC 5321 4.5.1: who is refused must be able to reach postmaster.
        if (verdict.isEmpty() || recipient.address().local().equalsIgnoreCase("postmaster")) {
            return Verdict.next();
        }
        return counted(verdict.get());
    }

    private Verdict counted(Verdict verdict) {
        String name = verdict.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        meters.counter("posthouse.dnsbl.refused", "verdict", name).increment();
        return verdict;
    }

    @Override
    public String name() {
        return "dnsbl";
    }

    @Override
    public Finding check() {
        String trouble = Stream.concat(clients.trouble(), domains.trouble()).collect(Collectors.joining("; "));
        return trouble.isEmpty() ? Finding.OK : new Finding(Level.WARN, "lists are left out: " + trouble);
    }
}
