// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.network.Networks;

/**
 * Checks the name that a stranger gave itself and the domain of the sender, each with an action of its own.
 *
 * <p>HELO is judged at MAIL: before, it is not known who authenticates, and programs of users say anything.
 */
@Hook(
        name = "sender-checks",
        needs = Need.PEER,
        // Two names of three questions each, and the resolver takes 5 s for one that is answered late.
        timeoutMillis = 35_000)
@Component(configurationPid = "sender-checks", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SenderChecks.Config.class)
public final class SenderChecks implements MailHook, RcptHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "Sender checks")
    @interface Config {
        @AttributeDefinition(
                description = "A HELO name that is neither a domain nor an address literal (RFC 5321 4.1.1.1).",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String heloSyntax() default "off";

        @AttributeDefinition(
                description = "A HELO name without a dot.",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String heloUnqualified() default "off";

        @AttributeDefinition(
                description = "A HELO name that is an address without brackets (RFC 5321 4.1.3).",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String heloBareAddress() default "off";

        @AttributeDefinition(
                description = "A HELO name that is one of ourNames, or the address the client connected to.",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String heloOurs() default "off";

        @AttributeDefinition(
                description = "A HELO address in brackets that is not the client's; servers behind NAT have that.",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String heloLiteral() default "off";

        @AttributeDefinition(
                description = "A HELO name without address and mail exchanger in DNS.",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String heloUnresolvable() default "off";

        @AttributeDefinition(
                description = "A sender whose domain has neither a mail exchanger nor an address (RFC 5321 5.1).",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String senderUnresolvable() default "off";

        @AttributeDefinition(
                description = "A sender whose domain says that it takes no mail (RFC 7505).",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String senderNullMx() default "off";

        @AttributeDefinition(
                description = "A second recipient of mail with the null sender.",
                options = {@Option("off"), @Option("score"), @Option("defer"), @Option("reject")},
                required = false)
        String nullSenderRecipients() default "off";

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(description = "Names that no stranger has; *.name is all below it.", required = false)
        String[] ourNames() default {};

        @Unit(Unit.Kind.NETWORK)
        @AttributeDefinition(description = "Networks of clients that are not checked.", required = false)
        String[] exemptClients() default {};

        @AttributeDefinition(
                description =
                        "What happens when DNS can not tell what a check that defers or rejects asks: defer is 451"
                                + " 4.4.3, continue goes on as if nothing were wrong.",
                options = {@Option("defer"), @Option("continue")},
                required = false)
        String onTemporary() default "defer";

        @AttributeDefinition(description = "Points of each finding whose action is score.", required = false)
        double points() default 2.0;
    }

    /** What DNS said of the HELO name: {@code name resolution}. */
    private static final Note<String> HELO = new Note<>("sender-checks.helo", String.class, Note.Scope.SESSION);

    private final Map<Check, Action> actions = new EnumMap<>(Check.class);
    private final Set<String> ourNames = new HashSet<>();
    private final Networks exempt;
    private final boolean defersUnknown;
    private final double points;
    private final Dns dns;
    private final MeterRegistry meters;

    @Activate
    public SenderChecks(@Reference Dns dns, @Reference MeterRegistry meters, Config config) {
        actions.put(Check.HELO_SYNTAX, Action.of(config.heloSyntax()));
        actions.put(Check.HELO_UNQUALIFIED, Action.of(config.heloUnqualified()));
        actions.put(Check.HELO_BARE_ADDRESS, Action.of(config.heloBareAddress()));
        actions.put(Check.HELO_OURS, Action.of(config.heloOurs()));
        actions.put(Check.HELO_LITERAL, Action.of(config.heloLiteral()));
        actions.put(Check.HELO_UNRESOLVABLE, Action.of(config.heloUnresolvable()));
        actions.put(Check.SENDER_UNRESOLVABLE, Action.of(config.senderUnresolvable()));
        actions.put(Check.SENDER_NULL_MX, Action.of(config.senderNullMx()));
        actions.put(Check.NULL_SENDER_RECIPIENTS, Action.of(config.nullSenderRecipients()));
        actions.values().removeIf(action -> action == Action.OFF);
        for (String name : config.ourNames()) {
            ourNames.add(name.toLowerCase(Locale.ROOT));
        }
        exempt = new Networks(config.exemptClients());
        defersUnknown = config.onTemporary().equals("defer");
        points = config.points();
        this.dns = dns;
        this.meters = meters;
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        if (actions.isEmpty() || spared(tx.session())) {
            return Verdict.next();
        }
        Findings findings = new Findings(actions, points, tx, meters);
        helo(tx.session(), findings);
        if (!findings.rejected()) {
            sender(sender, findings);
        }
        return findings.verdict();
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        if (!made(Check.NULL_SENDER_RECIPIENTS)
                || !tx.sender().address().isNull()
                || tx.recipients().isEmpty()
                || spared(tx.session())) {
            return Verdict.next();
        }
        Findings findings = new Findings(actions, points, tx, meters);
        findings.add(
                Check.NULL_SENDER_RECIPIENTS,
                recipient.address() + " beside " + tx.recipients().getFirst().address());
        return findings.verdict();
    }

    private boolean spared(Session session) {
        InetAddress client = session.peer().address().getAddress();
        return session.trusted() || session.authenticated() || client != null && exempt.contain(client);
    }

    private boolean made(Check... checks) {
        return List.of(checks).stream().anyMatch(actions::containsKey);
    }

    private boolean refuses(Check... checks) {
        return List.of(checks).stream()
                .anyMatch(check -> actions.getOrDefault(check, Action.OFF).refuses());
    }

    private void helo(Session session, Findings findings) {
        String helo = session.helo();
        if (helo.isEmpty()) {
            return;
        }
        HeloName name = HeloName.of(
                helo,
                session.peer().address().getAddress(),
                session.peer().local().getAddress(),
                this::ours);
        name.findings().forEach(check -> findings.add(check, helo));
        if (made(Check.HELO_UNRESOLVABLE) && !name.name().isEmpty() && !findings.rejected()) {
            switch (resolved(session, name.name())) {
                case NOTHING -> findings.add(Check.HELO_UNRESOLVABLE, helo);
                case UNKNOWN -> unknown(helo, findings, Check.HELO_UNRESOLVABLE);
                case FOUND, NULL_MX -> {}
            }
        }
    }

    private boolean ours(String name) {
        if (ourNames.contains(name)) {
            return true;
        }
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            if (ourNames.contains("*" + name.substring(dot))) {
                return true;
            }
        }
        return false;
    }

    /** Once in a session, however many messages come in it; what could not be told is asked again. */
    private Resolution resolved(Session session, String name) {
        String known = session.get(HELO).orElse("");
        if (known.startsWith(name + " ")) {
            return Resolution.valueOf(known.substring(name.length() + 1));
        }
        Resolution resolution = Resolution.ofHost(dns, name);
        if (resolution != Resolution.UNKNOWN) {
            session.put(HELO, name + " " + resolution);
        }
        return resolution;
    }

    private void sender(Sender sender, Findings findings) {
        String domain = sender.domain();
        // An address literal is where it says; whether it is the right one is no question of DNS.
        if (!made(Check.SENDER_UNRESOLVABLE, Check.SENDER_NULL_MX)
                || sender.address().isNull()
                || domain.startsWith("[")) {
            return;
        }
        if (domain.isEmpty()) {
            findings.add(Check.SENDER_UNRESOLVABLE, sender.address() + " has no domain");
            return;
        }
        switch (Resolution.ofSender(dns, domain)) {
            case NOTHING -> findings.add(Check.SENDER_UNRESOLVABLE, domain);
            case NULL_MX -> findings.add(Check.SENDER_NULL_MX, domain);
            case UNKNOWN -> unknown(domain, findings, Check.SENDER_UNRESOLVABLE, Check.SENDER_NULL_MX);
            case FOUND -> {}
        }
    }

    /** Who would only be scored is not deferred either. */
    private void unknown(String name, Findings findings, Check... checks) {
        if (defersUnknown && refuses(checks)) {
            findings.unknown(name);
        }
    }
}
