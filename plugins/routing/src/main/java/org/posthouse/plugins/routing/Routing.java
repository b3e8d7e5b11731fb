// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
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
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.conditions.Scene;

/** Forwards, redirects, refuses and holds mail by rules of one line each, and takes back what bounces of forwarded mail. */
@Hook(
        name = "routing",
        before = "*",
        needs = {Need.PEER, Need.BODY, Need.ACCEPT, Need.EDIT_SENDER, Need.EDIT_RECIPIENTS, Need.EDIT_HEADERS})
@Component(configurationPid = "routing", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Routing.Config.class)
public final class Routing implements RcptHook, DataHook, QueueHook {
    /** What the operator writes. */
    @ObjectClassDefinition(name = "Routing")
    @interface Config {
        @AttributeDefinition(
                description = "Rules, each in one line; the first that applies decides about a recipient.",
                required = false)
        String[] rules() default {};

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                defaultValue = "",
                description =
                        "The domain of rewritten reverse-paths; its mail must come to this server. Needed to forward.",
                required = false)
        String srsDomain();

        @AttributeDefinition(
                description =
                        "Secrets that sign rewritten reverse-paths, of at least 16 characters: the first signs, all are"
                                + " taken back.",
                required = false)
        String[] _srsSecrets() default {};

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "21d",
                description = "How long a rewritten reverse-path takes bounces, in whole days, up to 1000d.")
        long srsMaxAge();

        @Unit(Unit.Kind.DOMAIN)
        @AttributeDefinition(
                description =
                        "Domains of senders whose reverse-path is not rewritten, because this server may send for them.",
                required = false)
        String[] srsExempt() default {};

        @AttributeDefinition(
                description = "Whose mail to a rewritten reverse-path is taken: bounces (null sender alone) or all.",
                options = {@Option("bounces"), @Option("all")},
                required = false)
        String srsTakes() default "bounces";
    }

    private static final String METER = "posthouse.routing";
    private static final int MOST_DAYS = 1000;

    private final RouteRules rules;
    private final Srs srs;
    private final ReversePaths paths;
    private final boolean bouncesAlone;
    private final MeterRegistry meters;

    @Activate
    public Routing(Config config, @Reference MeterRegistry meters) {
        this(config, meters, Clock.systemUTC());
    }

    Routing(Config config, MeterRegistry meters, Clock clock) {
        this.rules = new RouteRules(RouteRuleParser.parse(config.rules()));
        Secrets secrets = new Secrets(config._srsSecrets());
        boolean rewrites = !config.srsDomain().isEmpty();
        if (rewrites && secrets.none()) {
            throw new IllegalArgumentException("srsSecrets: srsDomain needs a secret");
        }
        if (rewrites && config.srsDomain().startsWith("*")) {
            throw new IllegalArgumentException("srsDomain: one domain, without *");
        }
        if (!rewrites && rules.rewrite()) {
            throw new IllegalArgumentException("srsDomain: a rule forwards, which needs srsDomain and srsSecrets");
        }
        long days = Duration.ofMillis(config.srsMaxAge()).toDays();
        if (days < 1 || days > MOST_DAYS) {
            throw new IllegalArgumentException("srsMaxAge: 1d to " + MOST_DAYS + "d");
        }
        this.srs = new Srs(config.srsDomain(), secrets, (int) days, clock);
        this.paths = new ReversePaths(srs, config.srsExempt());
        this.bouncesAlone = config.srsTakes().equals("bounces");
        this.meters = meters;
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        if (srs.claims(recipient.address())) {
            return takeBack(tx, recipient);
        }
        return rules.early(new Scene(tx.session(), tx, recipient, null))
                .flatMap(this::refusal)
                .orElse(Verdict.next());
    }

    private Verdict takeBack(Transaction tx, Recipient recipient) {
        return switch (srs.reverse(recipient.address())) {
            case Srs.Reversed.Invalid invalid -> {
                count("forged");
                // The same words for forged and for expired ones: whoever guesses learns nothing.
                yield Verdict.reject("5.1.1", "No such address").because(invalid.reason());
            }
            case Srs.Reversed.Valid valid -> {
                if (bouncesAlone && !tx.sender().address().isNull()) {
                    count("no-bounce");
                    yield Verdict.reject("5.7.1", "Only notices are taken here")
                            .because("SRS address, but not the null sender");
                }
                yield Verdict.accept().because("bounce for " + valid.original());
            }
        };
    }

    private Optional<Verdict> refusal(RouteRule rule) {
        if (rule.action() instanceof RouteAction.Reject reject) {
            count("reject");
            return Optional.of(new Verdict.Reject(reject.reply(), rule.reason()));
        }
        return Optional.empty();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        if (rules.none()) {
            return Verdict.next();
        }
        Trail trail = new Trail(message.headers());
        for (Recipient recipient : tx.recipients()) {
            if (srs.claims(recipient.address())) {
                continue;
            }
            Optional<RouteRule> rule = rules.of(new Scene(tx.session(), tx, recipient, message));
            Optional<Verdict> refusal = rule.flatMap(this::refusal);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            if (rule.isPresent()
                    && rule.get().action() instanceof RouteAction.Move move
                    && loops(move, recipient, trail)) {
                count("loop");
                return Verdict.reject(554, "5.4.6", "Mail for this recipient goes round")
                        .because(rule.get().reason() + ": it was here before, for " + recipient.address());
            }
        }
        return Verdict.next();
    }

    private static boolean loops(RouteAction.Move move, Recipient recipient, Trail trail) {
        return trail.knows(recipient.address())
                && move.targets(recipient.address()).stream().anyMatch(target -> !target.equals(recipient.address()));
    }

    @Override
    public Verdict onQueue(Transaction tx, Message message) {
        boolean nothing = rules.none() && tx.recipients().stream().noneMatch(to -> srs.claims(to.address()));
        return nothing ? Verdict.next() : new Sorting(tx, message, this::count).sort(rules, srs, paths);
    }

    private void count(String action) {
        meters.counter(METER, "action", action).increment();
    }
}
