// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.earlytalker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
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
import org.posthouse.api.Note;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.service.SharedState;

/**
 * Makes strangers wait for the banner, and refuses or scores those that speak before their turn.
 *
 * <p>The budget is above the longest delay that can be set. It is asked behind dnsbl, whose word for a client spares it the
 * delay.
 */
@Hook(
        name = "early-talker",
        after = {"iprev", "dnsbl"},
        needs = Need.PEER,
        timeoutMillis = 15_000)
@Component(configurationPid = "early-talker", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = EarlyTalker.Config.class)
public final class EarlyTalker implements ConnectHook, MailHook, DataHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "Early talker")
    @interface Config {
        @AttributeDefinition(
                description = "What becomes of a client that speaks before its turn: none (nobody waits, nothing is"
                        + " judged), score, defer or reject.",
                options = {@Option("none"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String action() default "none";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "4s",
                min = "0s",
                max = "10s",
                description = "How long a stranger waits for the banner, up to 10s; with 0s nobody waits.",
                required = false)
        long delay();

        @AttributeDefinition(
                description = "How many clients wait at once; those beyond get the banner at once.",
                min = "1",
                required = false)
        int mostWaiting() default 500;

        @AttributeDefinition(
                description = "Whether commands behind one whose reply must be awaited count too (RFC 2920 3.1).",
                required = false)
        boolean commands() default true;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "30d",
                min = "0s",
                description =
                        "For how long the network of a client that waited is not made to wait again; 0s is never.",
                required = false)
        long remember();

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

        @AttributeDefinition(description = "The profiles of listeners on which strangers are judged.", required = false)
        String[] profiles() default {"mx"};

        @AttributeDefinition(description = "Points of a client that spoke early, when it scores.", required = false)
        double points() default 5.0;
    }

    /** Left by dnsbl for clients that a list of good ones knows. */
    static final Note<Boolean> ALLOWED = new Note<>("dnsbl.allowed", Boolean.class, Note.Scope.SESSION);

    private static final Note<Boolean> EARLY = new Note<>("early-talker.early", Boolean.class, Note.Scope.SESSION);

    static final String SYMBOL = "EARLY_TALKER";

    /** How soon a client that speaks is noticed. */
    private static final Duration LOOK = Duration.ofMillis(50);

    private final String action;
    private final Duration delay;
    private final boolean commands;
    private final Set<String> profiles;
    private final double points;
    private final Semaphore places;
    private final Acquaintances acquaintances;
    private final Wait wait;
    private final MeterRegistry meters;

    @Activate
    public EarlyTalker(Config config, @Reference SharedState state, @Reference MeterRegistry meters) {
        this(config, state, meters, Thread::sleep);
    }

    EarlyTalker(Config config, SharedState state, MeterRegistry meters, Wait wait) {
        this.action = config.action();
        this.delay = Duration.ofMillis(config.delay());
        this.commands = config.commands();
        this.profiles = Set.copyOf(List.of(config.profiles()));
        this.points = config.points();
        this.places = new Semaphore(config.mostWaiting());
        this.acquaintances =
                new Acquaintances(state, config.ipv4Bits(), config.ipv6Bits(), Duration.ofMillis(config.remember()));
        this.wait = wait;
        this.meters = meters;
    }

    private Counter clients(String outcome) {
        return Counter.builder("posthouse.earlytalker.clients")
                .description("Strangers at the banner, by how they behaved")
                .tag("outcome", outcome)
                .register(meters);
    }

    private boolean judges(Session session) {
        return !action.equals("none")
                && profiles.contains(session.profile())
                && !session.trusted()
                && !session.authenticated();
    }

    @Override
    public Verdict onConnect(Session session) {
        InetAddress client = session.peer().address().getAddress();
        if (client == null || !judges(session)) {
            return Verdict.next();
        }
        String outcome = waited(session, client);
        clients(outcome).increment();
        if (!outcome.equals("early")) {
            return Verdict.next();
        }
        acquaintances.forget(client);
        session.put(EARLY, true);
        return switch (action) {
            // RFC 5321 3.1: in place of the banner.
            case "reject" ->
                Verdict.reject(554, "5.5.1", "You spoke before the greeting").because("spoke before the banner");
            case "defer" ->
                Verdict.defer(421, "4.5.1", "You spoke before the greeting").because("spoke before the banner");
            default -> Verdict.next().because("spoke before the banner");
        };
    }

    /** Makes the client wait where it must; how it behaved. */
    private String waited(Session session, InetAddress client) {
        if (session.spokeEarly()) {
            return "early";
        }
        if (delay.isZero()) {
            return "unwaited";
        }
        if (session.get(ALLOWED).orElse(false) || acquaintances.know(client)) {
            return "known";
        }
        if (!places.tryAcquire()) {
            return "crowded";
        }
        try {
            if (speaksWithin(session)) {
                return "early";
            }
        } finally {
            places.release();
        }
        acquaintances.remember(client);
        return "polite";
    }

    private boolean speaksWithin(Session session) {
        Duration left = delay;
        while (left.isPositive()) {
            Duration step = left.compareTo(LOOK) < 0 ? left : LOOK;
            try {
                wait.pass(step);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted before the banner", e);
            }
            if (session.spokeEarly()) {
                return true;
            }
            left = left.minus(step);
        }
        return false;
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        return judge(tx);
    }

    /** What comes ahead of the word to send the message is known only now. */
    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        return judge(tx);
    }

    private Verdict judge(Transaction tx) {
        Session session = tx.session();
        // Where the action scores, a client that spoke before the banner is still there.
        boolean early = session.get(EARLY).orElse(false) || (commands && session.spokeEarly());
        if (!early || !judges(session)) {
            return Verdict.next();
        }
        return switch (action) {
            case "reject" ->
                counted(Verdict.reject(554, "5.5.1", "You did not wait for replies")
                        .because("spoke out of turn"));
            case "defer" ->
                counted(Verdict.defer(451, "4.5.1", "You did not wait for replies")
                        .because("spoke out of turn"));
            default -> scored(tx);
        };
    }

    private Verdict counted(Verdict verdict) {
        clients("hasty").increment();
        return verdict;
    }

    private Verdict scored(Transaction tx) {
        if (!tx.scores().containsKey(SYMBOL)) {
            tx.score(SYMBOL, points);
        }
        return Verdict.next();
    }
}
