// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.ratelimiter;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Address;
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
import org.posthouse.api.service.Limiter;
import org.posthouse.outside.network.Network;
import org.posthouse.outside.network.Networks;

/** Bounds connections, messages and recipients by client, sender, user and tenant. */
@Hook(name = "rate-limiter", needs = Need.PEER)
@Component(configurationPid = "rate-limiter", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RateLimiter.Config.class)
public final class RateLimiter implements ConnectHook, MailHook, RcptHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "Rate limiter")
    @interface Config {
        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(description = "Connections of one client address; empty is no limit.", required = false)
        String connectionsPerIp() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long connectionsPerIpBurst() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(description = "Messages of one client address; empty is no limit.", required = false)
        String messagesPerIp() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long messagesPerIpBurst() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(description = "Messages of one reverse-path; empty is no limit.", required = false)
        String messagesPerSender() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long messagesPerSenderBurst() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(description = "Messages of one authenticated user; empty is no limit.", required = false)
        String messagesPerUser() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long messagesPerUserBurst() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(
                description = "Recipients asked for by one client address; empty is no limit.",
                required = false)
        String recipientsPerIp() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long recipientsPerIpBurst() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(description = "Recipients of one reverse-path; empty is no limit.", required = false)
        String recipientsPerSender() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long recipientsPerSenderBurst() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(description = "Recipients of one authenticated user; empty is no limit.", required = false)
        String recipientsPerUser() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long recipientsPerUserBurst() default 0;

        @Unit(Unit.Kind.RATE)
        @AttributeDefinition(
                description = "Recipients of one tenant, where an earlier hook said which; empty is no limit.",
                required = false)
        String recipientsPerTenant() default "";

        @AttributeDefinition(description = BURST, min = "0", required = false)
        long recipientsPerTenantBurst() default 0;

        @AttributeDefinition(
                description = "Leading bits of an IPv6 address that are limited as one client.",
                min = "1",
                max = "128",
                required = false)
        int ipv6Bits() default 64;

        @AttributeDefinition(
                description = "Whether clients in the trusted networks of their listener are not limited.",
                required = false)
        boolean exemptTrusted() default true;

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(description = "Networks of clients that are not limited.", required = false)
        String[] exemptNetworks() default {};

        @AttributeDefinition(description = "Authenticated users that are not limited.", required = false)
        String[] exemptUsers() default {};

        @AttributeDefinition(
                description =
                        "What a reached limit does: defer refuses for now, score adds to the scores of the message.",
                options = {@Option("defer"), @Option("score")},
                required = false)
        String action() default "defer";

        @AttributeDefinition(
                description = "The code of a refusal, 450 or 451.",
                min = "450",
                max = "451",
                required = false)
        int code() default 451;

        @AttributeDefinition(description = "Points of each reached limit when it scores.", required = false)
        double points() default 3.0;
    }

    private static final String BURST = "How many of these at once; 0 is as many as the rate.";

    private static final Note<Boolean> CONNECTED_TOO_OFTEN =
            new Note<>("rate-limiter.connections", Boolean.class, Note.Scope.SESSION);

    private final Limit connectionsPerIp;
    private final Limit messagesPerIp;
    private final Limit messagesPerSender;
    private final Limit messagesPerUser;
    private final Limit recipientsPerIp;
    private final Limit recipientsPerSender;
    private final Limit recipientsPerUser;
    private final Limit recipientsPerTenant;
    private final int ipv6Bits;
    private final boolean exemptTrusted;
    private final Networks exemptNetworks;
    private final Set<String> exemptUsers;
    private final boolean scores;
    private final int code;
    private final double points;

    @Activate
    public RateLimiter(Config c, @Reference Limiter limiter, @Reference MeterRegistry meters) {
        Makes limits = (name, rate, burst) -> new Limit(name, rate, burst, limiter, meters);
        connectionsPerIp = limits.of("connections-per-ip", c.connectionsPerIp(), c.connectionsPerIpBurst());
        messagesPerIp = limits.of("messages-per-ip", c.messagesPerIp(), c.messagesPerIpBurst());
        messagesPerSender = limits.of("messages-per-sender", c.messagesPerSender(), c.messagesPerSenderBurst());
        messagesPerUser = limits.of("messages-per-user", c.messagesPerUser(), c.messagesPerUserBurst());
        recipientsPerIp = limits.of("recipients-per-ip", c.recipientsPerIp(), c.recipientsPerIpBurst());
        recipientsPerSender = limits.of("recipients-per-sender", c.recipientsPerSender(), c.recipientsPerSenderBurst());
        recipientsPerUser = limits.of("recipients-per-user", c.recipientsPerUser(), c.recipientsPerUserBurst());
        recipientsPerTenant = limits.of("recipients-per-tenant", c.recipientsPerTenant(), c.recipientsPerTenantBurst());
        ipv6Bits = c.ipv6Bits();
        exemptTrusted = c.exemptTrusted();
        exemptNetworks = new Networks(c.exemptNetworks());
        exemptUsers = new HashSet<>();
        for (String user : c.exemptUsers()) {
            exemptUsers.add(user.toLowerCase(Locale.ROOT));
        }
        scores = c.action().equals("score");
        code = c.code();
        points = c.points();
    }

    /** Makes a limit of its name and two values. */
    private interface Makes {
        Limit of(String name, String rate, long burst);
    }

    @Override
    public Verdict onConnect(Session session) {
        if (exempt(session)) {
            return Verdict.next();
        }
        Duration pause = connectionsPerIp.take(client(session));
        if (pause.isZero()) {
            return Verdict.next();
        }
        if (scores) {
            session.put(CONNECTED_TOO_OFTEN, true);
            return Verdict.next();
        }
        // RFC 5321 3.8: 421 is what may be said at any time, and closes.
        return Verdict.disconnect(text(pause)).because(reason(connectionsPerIp, client(session)));
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        Session session = tx.session();
        if (exempt(session)) {
            return Verdict.next();
        }
        if (session.get(CONNECTED_TOO_OFTEN).isPresent()) {
            tx.score(connectionsPerIp.symbol(), points);
        }
        return first(
                () -> ask(tx, messagesPerUser, user(session)),
                () -> ask(tx, messagesPerSender, subject(sender.address())),
                () -> ask(tx, messagesPerIp, client(session)));
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        Session session = tx.session();
        if (exempt(session)) {
            return Verdict.next();
        }
        return first(
                () -> ask(tx, recipientsPerUser, user(session)),
                () -> ask(tx, recipientsPerSender, subject(tx.sender().address())),
                () -> ask(tx, recipientsPerTenant, tx.tenant()),
                () -> ask(tx, recipientsPerIp, client(session)));
    }

    private interface Asked {
        Verdict verdict();
    }

    /** The first refusal; what stands behind it is not asked, and loses nothing. */
    private static Verdict first(Asked... limits) {
        for (Asked limit : limits) {
            Verdict verdict = limit.verdict();
            if (verdict instanceof Verdict.Refusal) {
                return verdict;
            }
        }
        return Verdict.next();
    }

    private Verdict ask(Transaction tx, Limit limit, String subject) {
        Duration pause = limit.take(subject);
        if (pause.isZero()) {
            return Verdict.next();
        }
        if (scores) {
            tx.score(limit.symbol(), points);
            return Verdict.next();
        }
        return Verdict.defer(code, "4.7.1", text(pause)).because(reason(limit, subject));
    }

    private static String text(Duration pause) {
        long seconds = Math.max(1, pause.plusNanos(999_999_998).toSeconds());
        return "Too much in too short a time, try again in " + seconds + (seconds == 1 ? " second" : " seconds");
    }

    private static String reason(Limit limit, String subject) {
        return limit + " reached by " + subject;
    }

    private boolean exempt(Session session) {
        InetAddress address = session.peer().address().getAddress();
        return (exemptTrusted && session.trusted())
                || exemptUsers.contains(user(session))
                || (address != null && exemptNetworks.contain(address));
    }

    /** The user, or empty: nobody is not limited as if it were one. */
    private static String user(Session session) {
        return session.peer().user().toLowerCase(Locale.ROOT);
    }

    private String client(Session session) {
        InetAddress address = session.peer().address().getAddress();
        return address == null ? "" : Network.client(address, ipv6Bits);
    }

    /** The reverse-path; notices have none, and are no one's. */
    private static String subject(Address sender) {
        return sender.toString().toLowerCase(Locale.ROOT);
    }
}
