// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.recipientlimits;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Event;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.Observer;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.service.Limiter;
import org.posthouse.api.service.SharedState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the recipients of a message, and slows down and sends away who guesses at recipients.
 *
 * <p>No hook sees what the hooks behind it answer, so unknown recipients are counted by the events of refusals.
 */
@Hook(
        name = "recipient-limits",
        before = "*",
        needs = Need.PEER,
        // The longest tarpit, and time to wait for events and to answer in.
        timeoutMillis = 35_000)
@Component(configurationPid = "recipient-limits", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RecipientLimits.Config.class)
public final class RecipientLimits implements ConnectHook, RcptHook, Observer {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "Recipient limits")
    @interface Config {
        @AttributeDefinition(
                description = "How many recipients a message may have; 0 is any number. RFC 5321 4.5.3.1.8 has at least"
                        + " 100.",
                min = "0",
                required = false)
        int perMessage() default 0;

        @AttributeDefinition(
                description = "The same by profile of the listener, such as `submission=500`; wins over perMessage.",
                required = false)
        String[] perProfile() default {};

        @AttributeDefinition(
                description = "The same by domain of the sender, such as `example.org=50`; wins over perProfile.",
                required = false)
        String[] perSenderDomain() default {};

        @AttributeDefinition(
                description = "The same by authenticated user, such as `anna=1000`; wins over all others.",
                required = false)
        String[] perUser() default {};

        @AttributeDefinition(
                description = "How many recipients mail with the null sender may have; 0 is like other mail.",
                min = "0",
                required = false)
        int perNullSender() default 0;

        @AttributeDefinition(
                description = "Into how many domains a message may go; 0 is any number.",
                min = "0",
                required = false)
        int domainsPerMessage() default 0;

        @AttributeDefinition(
                description = "After so many unknown recipients in a session each further RCPT waits; 0 is never.",
                min = "0",
                required = false)
        int tarpitAfter() default 0;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(defaultValue = "5s", description = "How long it waits, up to 30s.")
        long tarpit();

        @AttributeDefinition(
                description = "After so many unknown recipients in a session it is closed; 0 is never.",
                min = "0",
                required = false)
        int closeAfter() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(
                description =
                        "How many unknown recipients a client may ask for over all its sessions; empty is no limit.",
                required = false)
        String unknownPerClient() default "";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "15m",
                description = "How long a client beyond unknownPerClient is sent away.")
        long awayFor();

        @AttributeDefinition(
                description = "Whether clients in the trusted networks of their listener are not limited.",
                required = false)
        boolean exemptTrusted() default true;
    }

    /** Waits; tests do not. */
    @FunctionalInterface
    interface Tarpit {
        void hold(Duration time) throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(RecipientLimits.class);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    /** So long the events of refusals may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** RFC 5321 4.5.3.1.8. */
    private static final int LEAST = 100;

    private final Config config;
    private final Quotas perProfile;
    private final Quotas perSenderDomain;
    private final Quotas perUser;
    private final Guesses guesses = new Guesses();
    private final Harvest harvest;
    private final MeterRegistry meters;
    private final Tarpit tarpit;

    @Activate
    public RecipientLimits(
            @Reference Limiter limiter, @Reference SharedState state, @Reference MeterRegistry meters, Config config) {
        this(limiter, state, meters, config, Thread::sleep);
    }

    RecipientLimits(Limiter limiter, SharedState state, MeterRegistry meters, Config config, Tarpit tarpit) {
        this.config = config;
        this.perProfile = new Quotas("perProfile", config.perProfile());
        this.perSenderDomain = new Quotas("perSenderDomain", config.perSenderDomain());
        this.perUser = new Quotas("perUser", config.perUser());
        this.harvest = new Harvest(config.unknownPerClient(), Duration.ofMillis(config.awayFor()), limiter, state);
        this.meters = meters;
        this.tarpit = tarpit;
        if (Duration.ofMillis(config.tarpit()).compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("tarpit: at most 30s, or the answer would come too late");
        }
        if (config.perMessage() > 0 && config.perMessage() < LEAST) {
            LOG.warn("perMessage is {}: RFC 5321 4.5.3.1.8 lets every client send to 100 at once", config.perMessage());
        }
    }

    @Override
    public Verdict onConnect(Session session) {
        // Users come by submission, and who is a user is not known yet.
        boolean asked = !session.profile().equals("submission");
        return asked && away(session) ? sent("sent away for unknown recipients") : Verdict.next();
    }

    private boolean away(Session session) {
        InetAddress client = session.peer().address().getAddress();
        return client != null && !exempt(session) && harvest.isAway(client);
    }

    private boolean exempt(Session session) {
        return session.trusted() && config.exemptTrusted();
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        Session session = tx.session();
        if (exempt(session)) {
            return Verdict.next();
        }
        // A user may sit behind the same address as whoever guesses, and is not sent away for that one.
        if (!session.authenticated() && away(session)) {
            return sent("sent away for unknown recipients");
        }
        try {
            Verdict verdict = guessed(tx);
            return verdict instanceof Verdict.Refusal ? verdict : limited(tx, recipient);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Verdict.defer("4.3.2", "Try again later").because("interrupted while it waited");
        }
    }

    private Verdict guessed(Transaction tx) throws InterruptedException {
        int first = first(config.tarpitAfter(), config.closeAfter());
        if (first == 0 && harvest.off()) {
            return Verdict.next();
        }
        Tally tally = guesses.of(tx.session().id());
        tally.ask(tx.id(), tx.recipients().size());
        int unknown = first == 0 ? 0 : tally.unknown(first, PATIENCE);
        if (config.closeAfter() > 0 && unknown >= config.closeAfter()) {
            return sent(unknown + " unknown recipients in this session");
        }
        if (config.tarpitAfter() > 0 && unknown >= config.tarpitAfter()) {
            count("tarpit");
            tarpit.hold(Duration.ofMillis(config.tarpit()));
        }
        return Verdict.next();
    }

    /** The smaller one of two thresholds of which 0 is none. */
    private static int first(int one, int other) {
        return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
    }

    private Verdict sent(String reason) {
        count("closed");
        // RFC 5321 3.8: 421 is what may be said at any time, and closes.
        return Verdict.disconnect("Too many unknown recipients, try again later")
                .because(reason);
    }

    private Verdict limited(Transaction tx, Recipient recipient) {
        int quota = quota(tx);
        List<Recipient> before = tx.recipients();
        if (quota > 0 && before.size() >= quota) {
            return tooMany("recipients", quota);
        }
        int domains = config.domainsPerMessage();
        if (domains > 0 && before.size() >= domains && !fits(before, recipient.domain(), domains)) {
            return tooMany("domains", domains);
        }
        return Verdict.next();
    }

    /** The narrowest limit that names this mail; 0 is none. */
    private int quota(Transaction tx) {
        Session session = tx.session();
        int notice = tx.sender().address().isNull() ? config.perNullSender() : 0;
        OptionalInt user = session.authenticated() ? perUser.of(session.peer().user()) : OptionalInt.empty();
        if (notice > 0 || user.isPresent()) {
            return user.orElse(notice);
        }
        OptionalInt domain = perSenderDomain.of(tx.sender().domain());
        return domain.isPresent()
                ? domain.getAsInt()
                : perProfile.of(session.profile()).orElse(config.perMessage());
    }

    /** Whether a recipient in this domain leaves the message in at most so many domains. */
    private static boolean fits(List<Recipient> before, String domain, int most) {
        Set<String> domains = new HashSet<>();
        for (Recipient recipient : before) {
            domains.add(recipient.domain());
            if (recipient.domain().equals(domain)) {
                return true;
            }
        }
        return domains.size() < most;
    }

    /** RFC 5321 4.5.3.1.10: 452, so that a client sends to the rest in another transaction. */
    private Verdict tooMany(String what, int most) {
        count(what);
        return Verdict.defer(452, "4.5.3", "Too many " + what).because("at most " + most + " " + what + " per message");
    }

    private void count(String limit) {
        meters.counter("posthouse.recipient.limits", "limit", limit).increment();
    }

    /** Counts recipients that were refused as unknown: 5.1.1 is what RFC 3463 3.2 has for them. */
    @Override
    public void onEvent(Event event) {
        if (event.type() != Event.Type.REJECTION || !"rcpt".equals(event.facts().get("stage"))) {
            return;
        }
        Tally tally = guesses.kept(String.valueOf(event.facts().get("session")));
        if (tally == null) {
            return;
        }
        boolean unknown = "5.1.1".equals(event.facts().get("enhanced"));
        tally.tell(unknown);
        if (unknown) {
            count("unknown");
            if (event.facts().get("peer") instanceof String peer && harvest.add(peer)) {
                LOG.info(
                        "{} is sent away for {} s: it asked for too many unknown recipients",
                        peer,
                        Duration.ofMillis(config.awayFor()).toSeconds());
            }
        }
    }
}
