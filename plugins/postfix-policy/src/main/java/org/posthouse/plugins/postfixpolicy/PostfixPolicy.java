// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Headers;
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
import org.posthouse.outside.daemon.Seldom;
import org.posthouse.outside.daemon.Watchdog;
import org.posthouse.outside.network.Networks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks a policy server that speaks the protocol of Postfix's access policy delegation.
 *
 * <p>Asked behind the other hooks, so that "defer if permitted" can be taken at its word.
 */
@Hook(
        name = "postfix-policy",
        after = "*",
        before = {"milter", "score-policy"},
        needs = {Need.BODY, Need.PEER, Need.EDIT_HEADERS, Need.EDIT_RECIPIENTS, Need.NETWORK},
        timeoutMillis = 120_000)
@Component(configurationPid = "postfix-policy", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PostfixPolicy.Config.class)
public final class PostfixPolicy implements ConnectHook, HeloHook, MailHook, RcptHook, DataHook {
    /** What the operator says. */
    @ObjectClassDefinition(name = "Postfix policy server")
    @interface Config {
        @AttributeDefinition(description = "Where it listens: host:port, [v6]:port or unix:/path.")
        String address();

        @AttributeDefinition(
                description = "When it is asked: connect, helo, mail, rcpt, data, end-of-message.",
                required = false)
        String[] states() default {"rcpt"};

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "20s",
                description = "How long an answer may take, connecting included; up to 100s.")
        long timeout();

        @AttributeDefinition(
                description = "The action when there is no answer, or one that is not understood.",
                required = false)
        String defaultAction() default "451 4.3.5 Server configuration problem";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "1s",
                description = "How long a server that can not be reached is left alone.")
        long pause();

        @AttributeDefinition(
                description = "How many connections are kept for later questions.",
                min = "0",
                required = false)
        int keep() default 20;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "5m", description = "How long a connection is kept without a question.")
        long idle();

        @AttributeDefinition(description = "What policy_context says to the server.", required = false)
        String context() default "";

        @AttributeDefinition(
                description = "Whether the name of the client is looked up for the server.",
                required = false)
        boolean resolveClients() default true;

        @AttributeDefinition(
                description = "Whether clients in the trusted networks of their listener are not asked about.",
                required = false)
        boolean exemptTrusted() default true;

        @AttributeDefinition(description = "Whether clients that authenticated are not asked about.", required = false)
        boolean exemptAuthenticated() default true;

        @AttributeDefinition(description = "Listeners that are not asked about.", required = false)
        String[] exemptListeners() default {};

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(description = "Networks of clients that are not asked about.", required = false)
        String[] exemptNetworks() default {};
    }

    private static final Logger LOG = LoggerFactory.getLogger(PostfixPolicy.class);
    private static final long MOST_TIMEOUT = 100_000;
    private static final Note<Client> CLIENT = new Note<>("postfix-policy.client", Client.class, Note.Scope.SESSION);
    private static final Note<Marks> OF_SESSION = new Note<>("postfix-policy.session", Marks.class, Note.Scope.SESSION);

    /** Marks as lines: a note of the message is undone with the recipient at whom it was left, when it is refused. */
    private static final Note<String> OF_MESSAGE =
            new Note<>("postfix-policy.message", String.class, Note.Scope.MESSAGE);

    private final Seldom strange = new Seldom(System::nanoTime);
    private final Watchdog watchdog = new Watchdog("postfix-policy");
    private final PolicyServer server;
    private final Set<State> states = EnumSet.noneOf(State.class);
    private final Action defaultAction;
    private final String context;
    private final Dns dns;
    private final MeterRegistry meters;
    private final boolean resolveClients;
    private final boolean exemptTrusted;
    private final boolean exemptAuthenticated;
    private final Set<String> exemptListeners;
    private final Networks exemptNetworks;

    /** Made by the component runtime. */
    @Activate
    public PostfixPolicy(Config config, @Reference Dns dns, @Reference MeterRegistry meters) {
        if (config.timeout() < 1 || config.timeout() > MOST_TIMEOUT) {
            throw new IllegalArgumentException("timeout must be within 1ms and 100s");
        }
        for (String state : config.states()) {
            states.add(State.parse(state));
        }
        this.dns = dns;
        this.meters = meters;
        this.defaultAction = Action.parse(config.defaultAction());
        if (defaultAction instanceof Action.Unknown) {
            throw new IllegalArgumentException("defaultAction is no action: " + config.defaultAction());
        }
        this.context = config.context();
        this.resolveClients = config.resolveClients();
        this.exemptTrusted = config.exemptTrusted();
        this.exemptAuthenticated = config.exemptAuthenticated();
        this.exemptListeners = Set.of(config.exemptListeners());
        this.exemptNetworks = new Networks(config.exemptNetworks());
        Endpoint endpoint = Endpoint.parse(config.address());
        Outage outage =
                new Outage(LOG, "policy server " + endpoint, Duration.ofMillis(config.pause()), System::nanoTime);
        this.server = new PolicyServer(
                endpoint,
                dns,
                watchdog,
                outage,
                Duration.ofMillis(config.timeout()),
                Duration.ofMillis(config.idle()),
                config.keep());
    }

    @Deactivate
    void close() {
        server.close();
        watchdog.close();
    }

    @Override
    public Verdict onConnect(Session session) {
        return ofSession(State.CONNECT, session);
    }

    @Override
    public Verdict onHelo(Session session) {
        return ofSession(State.HELO, session);
    }

    private Verdict ofSession(State state, Session session) {
        if (spares(state, session)) {
            return Verdict.next();
        }
        byte[] request = Request.of(state, session, client(session), context);
        return done(state, request, action -> {
            Marks marks = session.get(OF_SESSION).orElse(Marks.NONE);
            session.put(OF_SESSION, marks.plus(action));
        });
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        return ofMessage(State.MAIL, tx, Optional.empty(), declared(tx));
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        return ofMessage(State.RCPT, tx, Optional.of(recipient), declared(tx));
    }

    @Override
    public Verdict onHeaders(Transaction tx, Headers headers) {
        return ofMessage(State.DATA, tx, Optional.empty(), declared(tx));
    }

    private static long declared(Transaction tx) {
        return Math.max(0, tx.sender().declaredSize());
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        if (!spares(State.END_OF_MESSAGE, tx.session())) {
            Verdict verdict = ofMessage(
                    State.END_OF_MESSAGE,
                    tx,
                    Optional.empty(),
                    message.current().size());
            if (verdict instanceof Verdict.Refusal) {
                return verdict;
            }
        }
        Marks ofSession = tx.session().get(OF_SESSION).orElse(Marks.NONE);
        Marks ofMessage = marks(tx);
        if (!ofMessage.actions().isEmpty()) {
            // Done now, they need not travel on.
            tx.put(OF_MESSAGE, "");
        }
        return ofMessage.behind(ofSession).apply(tx);
    }

    private Verdict ofMessage(State state, Transaction tx, Optional<Recipient> recipient, long size) {
        if (spares(state, tx.session())) {
            return Verdict.next();
        }
        byte[] request = Request.of(state, tx, client(tx.session()), context, recipient, size);
        return done(
                state,
                request,
                action -> tx.put(OF_MESSAGE, marks(tx).plus(action).lines()));
    }

    private static Marks marks(Transaction tx) {
        return Marks.parse(tx.get(OF_MESSAGE).orElse(""));
    }

    /** Asks, and does what the answer says; what must wait for the message is marked. */
    private Verdict done(State state, byte[] request, Consumer<Action> mark) {
        Action action = asked(state, request);
        count(state, action);
        return switch (action) {
            case Action.Refuse refuse -> refuse.verdict();
            case Action.Tell tell -> {
                LOG.atLevel(tell.warns() ? Level.WARN : Level.INFO)
                        .log("The policy server says at {}: {}", state, tell.text());
                yield Verdict.next().because(tell.text());
            }
            case Action.Dunno none -> Verdict.next();
            case Action.Unknown none -> Verdict.next();
            case Action.Hold later -> marked(mark, later);
            case Action.Discard later -> marked(mark, later);
            case Action.Prepend later -> marked(mark, later);
            case Action.Redirect later -> marked(mark, later);
            case Action.Bcc later -> marked(mark, later);
        };
    }

    private static Verdict marked(Consumer<Action> mark, Action action) {
        mark.accept(action);
        return Verdict.next().because("the policy server asks for " + action);
    }

    private Action asked(State state, byte[] request) {
        try {
            Action action = Action.parse(server.ask(request));
            if (action instanceof Action.Unknown unknown) {
                String text = unknown.text();
                // FILTER and names of restrictions mean a part of Postfix that is not here.
                int times = strange.times();
                if (times > 0) {
                    LOG.warn("The policy server answers what is not done here ({} times): {}", times, text);
                }
                return text.toUpperCase(Locale.ROOT).startsWith("FILTER ") ? new Action.Dunno() : defaultAction;
            }
            return action;
        } catch (IOException e) {
            return defaultAction;
        }
    }

    private void count(State state, Action action) {
        Counter.builder("posthouse.postfix.policy.answers")
                .description("What the policy server wants done")
                .tag("state", state.word(false).toLowerCase(Locale.ROOT))
                .tag("action", action.getClass().getSimpleName().toLowerCase(Locale.ROOT))
                .register(meters)
                .increment();
    }

    private Client client(Session session) {
        return session.get(CLIENT).orElseGet(() -> {
            InetAddress address = session.peer().address().getAddress();
            Client client = resolveClients && address != null ? Client.of(address, dns) : Client.UNKNOWN;
            session.put(CLIENT, client);
            return client;
        });
    }

    private boolean spares(State state, Session session) {
        InetAddress address = session.peer().address().getAddress();
        return !states.contains(state)
                || (exemptTrusted && session.trusted())
                || (exemptAuthenticated && session.authenticated())
                || exemptListeners.contains(session.listener())
                || (address != null && exemptNetworks.contain(address));
    }
}
