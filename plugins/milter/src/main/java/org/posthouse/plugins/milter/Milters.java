// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.daemon.Endpoint;
import org.posthouse.outside.daemon.Outage;
import org.posthouse.outside.daemon.Watchdog;
import org.posthouse.outside.network.Networks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks mail filters that speak the protocol of Sendmail's milters.
 *
 * <p>Asked last, so that milters judge what is left of a message and sign it as it goes out.
 */
@Hook(
        name = "milter",
        after = "*",
        before = "score-policy",
        needs = {
            Need.BODY,
            Need.PEER,
            Need.EDIT_HEADERS,
            Need.EDIT_BODY,
            Need.EDIT_SENDER,
            Need.EDIT_RECIPIENTS,
            Need.NETWORK
        },
        timeoutMillis = 300_000)
@Component(configurationPid = "milter", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Milters.Config.class)
public final class Milters implements ConnectHook, HeloHook, MailHook, RcptHook, DataHook {
    /** What the operator says. */
    @ObjectClassDefinition(name = "Milters")
    @interface Config {
        @AttributeDefinition(
                description =
                        "The milters in the order in which they are asked: an address (host:port, [v6]:port or unix:/path) and, behind it, what differs from the keys below, such as whenDown=accept, commandTimeout=10s or name=opendkim.")
        String[] milters();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "5s", description = "How long connecting to a milter may take.")
        long connectTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "30s",
                description = "How long a milter may take for an answer before the content.")
        long commandTimeout();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "4m",
                description = "How long a milter may take for an answer to the content.")
        long contentTimeout();

        @AttributeDefinition(
                description = "What becomes of mail that a milter gives no answer to.",
                options = {@Option("accept"), @Option("tempfail"), @Option("reject"), @Option("quarantine")},
                required = false)
        String whenDown() default "tempfail";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "1s",
                description = "How long a milter that can not be reached is left alone.")
        long pause();

        @AttributeDefinition(
                description =
                        "How many connections to each milter are kept for later sessions; 0 for milters that want one for each.",
                min = "0",
                required = false)
        int keep() default 0;

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                description = "How this server calls itself (the macro j), best as server.hostname says.",
                required = false)
        String hostname() default "";

        @AttributeDefinition(
                description = "Whether the name of the client is looked up for the milters.",
                required = false)
        boolean resolveClients() default true;

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(defaultValue = "100MB", description = "The longest body that a milter may put in place.")
        long maxBody();

        @AttributeDefinition(description = "Listeners whose mail no milter sees.", required = false)
        String[] exemptListeners() default {};

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(description = "Networks of clients whose mail no milter sees.", required = false)
        String[] exemptNetworks() default {};
    }

    /** Less than the budget of the hook, so that the answer for milters that give none is in time. */
    private static final Duration LONGEST = Duration.ofSeconds(285);

    private static final Logger LOG = LoggerFactory.getLogger(Milters.class);
    private static final Note<Round> ROUND = new Note<>("milter.round", Round.class, Note.Scope.SESSION);
    private static final Note<Mark> MARK = new Note<>("milter.transaction", Mark.class, Note.Scope.TRANSACTION);

    /** Stands in a transaction to be told of its end. */
    record Mark(Round round, String id) implements AutoCloseable {
        @Override
        public void close() {
            round.ended(id);
        }
    }

    private final Watchdog watchdog = new Watchdog("milter");
    private final Set<Round> rounds = ConcurrentHashMap.newKeySet();
    private final List<Milter> milters;
    private final Dns dns;
    private final String hostname;
    private final boolean resolveClients;
    private final long maxBody;
    private final Set<String> exemptListeners;
    private final Networks exemptNetworks;

    /** Made by the component runtime. */
    @Activate
    public Milters(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        this.dns = dns;
        this.hostname = config.hostname();
        this.resolveClients = config.resolveClients();
        this.maxBody = config.maxBody();
        this.exemptListeners = Set.of(config.exemptListeners());
        this.exemptNetworks = new Networks(config.exemptNetworks());
        this.milters = Stream.of(config.milters())
                .map(line -> milter(Terms.parse(line, endpoint -> usual(endpoint, config)), config, meters))
                .toList();
    }

    private static Terms usual(Endpoint endpoint, Config config) {
        return new Terms(
                endpoint.toString(),
                endpoint,
                Duration.ofMillis(config.connectTimeout()),
                Duration.ofMillis(config.commandTimeout()),
                Duration.ofMillis(config.contentTimeout()),
                Down.parse(config.whenDown()));
    }

    private Milter milter(Terms terms, Config config, MeterRegistry meters) {
        Outage outage = new Outage(LOG, "milter " + terms.name(), Duration.ofMillis(config.pause()), System::nanoTime);
        return new Milter(terms, dns, watchdog, meters, outage, config.keep());
    }

    @Deactivate
    void close() {
        // A round is closed when its question is answered, which may be in minutes.
        watchdog.cut();
        List.copyOf(rounds).forEach(Round::close);
        milters.forEach(Milter::close);
        watchdog.close();
    }

    @Override
    public Verdict onConnect(Session session) {
        return ofSession(session, (party, facts, deadline) -> party.connect(facts, deadline));
    }

    @Override
    public Verdict onHelo(Session session) {
        return ofSession(session, (party, facts, deadline) -> party.helo(facts, deadline));
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        Session session = tx.session();
        if (exempt(session)) {
            return Verdict.next();
        }
        Round round = round(session);
        Facts facts = new Facts(hostname, session, round.client(), Optional.of(tx), Optional.empty());
        Deadline deadline = Deadline.in(LONGEST);
        tx.put(MARK, new Mark(round, tx.id()));
        return told(() -> round.begin(tx.id(), party -> party.mail(facts, deadline)));
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        return tx.get(MARK)
                .map(mark -> told(() -> asked(mark.round(), tx, Optional.of(recipient), Party::rcpt)))
                .orElse(Verdict.next());
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) throws IOException {
        Optional<Mark> mark = tx.get(MARK);
        if (mark.isEmpty()) {
            return Verdict.next();
        }
        try (Revisions revisions = new Revisions(new Revision(tx, message, maxBody))) {
            Verdict verdict = asked(mark.get().round(), tx, Optional.empty(), revisions::ask);
            if (!(verdict instanceof Verdict.Refusal) && !(verdict instanceof Verdict.Discard)) {
                revisions.last().stage(tx);
            }
            return verdict;
        }
    }

    /** The message from milter to milter: what one leaves is what the next one sees. */
    private static final class Revisions implements AutoCloseable {
        private final Revision first;
        private Revision last;

        Revisions(Revision first) {
            this.first = first;
            this.last = first;
        }

        Verdict ask(Party party, Facts facts, Deadline deadline) throws IOException {
            Revision next = last.next();
            Verdict verdict = party.message(facts, next, deadline);
            last = party.changed() ? next : last;
            return verdict;
        }

        Revision last() {
            return last;
        }

        @Override
        public void close() throws IOException {
            first.close();
        }
    }

    /** What is put to each milter. */
    @FunctionalInterface
    private interface Question {
        Verdict ask(Party party, Facts facts, Deadline deadline) throws IOException;
    }

    private Verdict ofSession(Session session, Question question) {
        if (exempt(session)) {
            return Verdict.next();
        }
        Round round = round(session);
        Facts facts = new Facts(hostname, session, round.client(), Optional.empty(), Optional.empty());
        Deadline deadline = Deadline.in(LONGEST);
        return told(() -> round.ask(party -> question.ask(party, facts, deadline)));
    }

    private Verdict asked(Round round, Transaction tx, Optional<Recipient> recipient, Question question)
            throws IOException {
        Facts facts = new Facts(hostname, tx.session(), round.client(), Optional.of(tx), recipient);
        Deadline deadline = Deadline.in(LONGEST);
        return round.ask(party -> question.ask(party, facts, deadline));
    }

    /** A question in which nothing is read but what milters say. */
    @FunctionalInterface
    private interface Telling {
        Verdict run() throws IOException;
    }

    private static Verdict told(Telling telling) {
        try {
            return telling.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The round of the session, begun now when this is its first question to this generation of the plugin. */
    private Round round(Session session) {
        Optional<Round> known = session.get(ROUND);
        if (known.isPresent()) {
            return known.get();
        }
        InetAddress address = session.peer().address().getAddress();
        Client client = resolveClients && address != null ? Client.of(address, dns) : Client.UNNAMED;
        Round round = new Round(milters.stream().map(Party::new).toList(), client, rounds);
        session.put(ROUND, round);
        return round;
    }

    private boolean exempt(Session session) {
        InetAddress address = session.peer().address().getAddress();
        return exemptListeners.contains(session.listener()) || (address != null && exemptNetworks.contain(address));
    }
}
