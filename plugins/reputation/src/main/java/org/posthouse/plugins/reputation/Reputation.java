// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Event;
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
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.Observer;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.service.SharedState;

/**
 * Remembers how the networks of strangers and their domains behaved, and scores, defers or refuses those that behaved badly.
 *
 * <p>Asked last: at MAIL it needs the result of SPF, at the final dot the scores of the others. What came of a message it
 * learns as an observer.
 */
@Hook(name = Reputation.NAME, after = "*", before = "score-policy", needs = Need.PEER)
@Component(configurationPid = Reputation.NAME, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Reputation.Config.class)
public final class Reputation implements ConnectHook, MailHook, RcptHook, DataHook, Observer {
    static final String NAME = "reputation";

    /** What the operator sets. */
    @ObjectClassDefinition(name = "Reputation")
    @interface Config {
        @AttributeDefinition(
                description = "Whether to remember how clients behave even while no threshold is set.",
                required = false)
        boolean learn() default false;

        @AttributeDefinition(
                description =
                        "Clients whose share of good events is below this are refused with 550 5.7.1; 0 is never.",
                min = "0",
                max = "1",
                required = false)
        double reject() default 0;

        @AttributeDefinition(
                description = "Clients whose share of good events is below this are refused for now with 451 4.7.1; 0"
                        + " is never.",
                min = "0",
                max = "1",
                required = false)
        double defer() default 0;

        @AttributeDefinition(
                description = "Messages of clients whose share of good events is below this score points; 0 is never.",
                min = "0",
                max = "1",
                required = false)
        double score() default 0;

        @AttributeDefinition(description = "The points.", required = false)
        double points() default 3.0;

        @AttributeDefinition(
                description = "How many events must be known, old ones counting less, before anybody is judged.",
                min = "1",
                required = false)
        int samples() default 20;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "7d",
                min = "1m",
                description = "The time after which an event counts half.",
                required = false)
        long halfLife();

        @AttributeDefinition(
                description = "Accepted messages whose scores sum up to at least this are bad events; 0 is never.",
                min = "0",
                required = false)
        double spamScore() default 5.0;

        @AttributeDefinition(
                description = "Leading bits of an IPv4 address that are one network.",
                min = "8",
                max = "32",
                required = false)
        int ipv4Bits() default 24;

        @AttributeDefinition(
                description = "Leading bits of an IPv6 address that are one network.",
                min = "16",
                max = "128",
                required = false)
        int ipv6Bits() default 64;

        @AttributeDefinition(
                description = "About how many networks and domains are remembered; who is least known goes first.",
                min = "1024",
                max = "1048576",
                required = false)
        int entries() default 65_536;

        @AttributeDefinition(
                description = "The profiles of listeners whose strangers are remembered and judged.",
                required = false)
        String[] profiles() default {"mx"};
    }

    /** The share of good events of the client's network, for other plugins; left when enough is known. */
    static final Note<Double> VALUE = new Note<>("reputation.value", Double.class, Note.Scope.SESSION);

    private static final Note<Verdict> VERDICT =
            new Note<>("reputation.verdict", Verdict.class, Note.Scope.TRANSACTION);
    private static final String SYMBOL = "REPUTATION";

    private final boolean active;
    private final Thresholds thresholds;
    private final double spamScore;
    private final Names names;
    private final Set<String> profiles;
    private final Memory memory;
    private final MeterRegistry meters;
    private final Witness witness = new Witness();

    @Activate
    public Reputation(Config config, @Reference SharedState state, @Reference MeterRegistry meters) {
        this(config, state, meters, Clock.systemUTC());
    }

    Reputation(Config config, SharedState state, MeterRegistry meters, Clock clock) {
        this.thresholds =
                new Thresholds(config.reject(), config.defer(), config.score(), config.points(), config.samples());
        this.active = config.learn() || thresholds.judge();
        this.spamScore = config.spamScore();
        this.names = new Names(config.ipv4Bits(), config.ipv6Bits());
        this.profiles = Set.copyOf(List.of(config.profiles()));
        this.memory = new Memory(state, config.entries(), Duration.ofMillis(config.halfLife()), clock);
        this.meters = meters;
    }

    private boolean watches(Session session) {
        return active
                && profiles.contains(session.profile())
                && !session.trusted()
                && !session.authenticated()
                && session.peer().address().getAddress() != null;
    }

    private String network(Session session) {
        InetAddress client = session.peer().address().getAddress();
        return names.network(client);
    }

    @Override
    public Verdict onConnect(Session session) {
        if (!watches(session)) {
            return Verdict.next();
        }
        String network = network(session);
        witness.session(session.id(), network);
        Standing standing = memory.of(network);
        if (thresholds.knows(standing)) {
            session.put(VALUE, standing.value());
        }
        return Verdict.next().because(thresholds.text(network, standing));
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        if (!watches(tx.session())) {
            witness.forget(tx.session().id());
            return Verdict.next();
        }
        List<String> reasons = new ArrayList<>();
        double worst = 1;
        for (String name : whose(tx)) {
            Standing standing = memory.of(name);
            reasons.add(thresholds.text(name, standing));
            worst = thresholds.knows(standing) ? Math.min(worst, standing.value()) : worst;
        }
        String reason = String.join(", ", reasons);
        if (thresholds.scores(worst)) {
            tx.score(SYMBOL, thresholds.points());
        }
        Verdict verdict = thresholds.verdict(worst).because(reason);
        if (verdict instanceof Verdict.Refusal) {
            tx.put(VERDICT, verdict);
        }
        return Verdict.next().because(reason);
    }

    /** The network of the client, and the domain of the sender when the results so far confirm it. */
    private List<String> whose(Transaction tx) {
        String network = network(tx.session());
        String domain = Names.domain(tx.sender().domain());
        return domain.isEmpty() || !confirmed(tx.results(), domain) ? List.of(network) : List.of(network, domain);
    }

    /** Whether SPF or DKIM says that the mail is of this domain; a domain that anybody can write has no reputation. */
    private static boolean confirmed(AuthResults results, String domain) {
        return results.of("spf").stream().anyMatch(result -> passes(result, "smtp.mailfrom=", domain))
                || results.of("dkim").stream().anyMatch(result -> passes(result, "header.d=", domain));
    }

    private static boolean passes(AuthResults.Result result, String property, String domain) {
        boolean passes = false;
        if (result.value().equals("pass")) {
            for (String one : result.properties()) {
                passes |= one.startsWith(property)
                        && domain.equalsIgnoreCase(
                                one.substring(Math.max(property.length(), one.lastIndexOf('@') + 1)));
            }
        }
        return passes;
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        Optional<Verdict> verdict = tx.get(VERDICT);
        // RFC 5321 4.5.1: who is refused must be able to reach postmaster.
        if (verdict.isEmpty() || recipient.address().local().equalsIgnoreCase("postmaster")) {
            return Verdict.next();
        }
        String name = verdict.get().getClass().getSimpleName().toLowerCase(Locale.ROOT);
        meters.counter("posthouse.reputation.refused", "verdict", name).increment();
        return verdict.get();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        if (watches(tx.session())) {
            double sum = tx.scores().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
            witness.message(tx.id(), new Witness.Letter(whose(tx), spamScore > 0 && sum >= spamScore));
        }
        return Verdict.next();
    }

    @Override
    public void onEvent(Event event) {
        String id = text(event, "id");
        switch (event.type()) {
            case RECEPTION -> witness.letter(id).ifPresent(letter -> received(id, letter, event));
            case DELIVERY -> witness.settle(id).ifPresent(letter -> learn(letter.names(), "delivered", true));
            case BOUNCE -> witness.settle(id).ifPresent(letter -> learn(letter.names(), "bounced", false));
            case REJECTION -> rejected(id, event);
            default -> {}
        }
    }

    private static String text(Event event, String fact) {
        return event.facts().get(fact) instanceof String text ? text : "";
    }

    private void received(String id, Witness.Letter letter, Event event) {
        boolean thrownAway = !text(event, "discardedBy").isEmpty();
        learn(letter.names(), letter.spam() || thrownAway ? "spam" : "accepted", !letter.spam() && !thrownAway);
        if (letter.spam() || thrownAway) {
            // That it is delivered as well makes it no better.
            witness.settle(id);
        }
    }

    /** Refusals for good are bad, but for our own, of which nobody would ever recover. */
    private void rejected(String id, Event event) {
        Optional<Witness.Letter> letter = text(event, "stage").equals("data") ? witness.settle(id) : Optional.empty();
        boolean permanent = event.facts().get("code") instanceof Long code && code >= 500;
        if (!permanent || text(event, "hook").equals(NAME)) {
            return;
        }
        String what = text(event, "enhanced").startsWith("5.1.") ? "unknown" : "rejected";
        Optional<String> network = witness.blame(text(event, "session"));
        if (network.isPresent()) {
            learn(letter.map(Witness.Letter::names).orElse(List.of(network.get())), what, false);
        }
    }

    private void learn(List<String> whose, String what, boolean good) {
        meters.counter("posthouse.reputation.events", "event", what).increment();
        whose.forEach(name -> memory.add(name, good ? 1 : 0, good ? 0 : 1));
    }
}
