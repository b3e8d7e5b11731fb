// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.delayed;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.config.Unit;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;

/** Keeps submitted mail in the queue until the time in its Date field. */
@Hook(name = "delayed", needs = Need.EDIT_ROUTING)
@Component(configurationPid = "delayed", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Delayed.Config.class)
public final class Delayed implements DataHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "Delayed mail")
    @interface Config {
        @AttributeDefinition(
                description = "Whether a Date in the future keeps submitted mail until then.",
                required = false)
        boolean enabled() default false;

        @AttributeDefinition(
                description = "Whether mail of trusted clients counts as submitted, beside that of authenticated ones.",
                required = false)
        boolean trusted() default true;

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "2m",
                description = "A Date less than this ahead is of a clock that is ahead, and keeps nothing.")
        long leastDelay();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                defaultValue = "3d",
                description = "The furthest Date that is waited for; keep it well below queue.expire.")
        long maxDelay();

        @AttributeDefinition(
                description =
                        "What becomes of mail with a Date beyond maxDelay: refuse (550), send (at once), cap (after"
                                + " maxDelay).",
                options = {@Option("refuse"), @Option("send"), @Option("cap")},
                required = false)
        String beyond() default "refuse";
    }

    private static final String METER = "posthouse.delayed";

    private final boolean enabled;
    private final boolean trusted;
    private final Duration leastDelay;
    private final Duration maxDelay;
    private final String beyond;
    private final MeterRegistry meters;
    private final Clock clock;

    @Activate
    public Delayed(Config config, @Reference MeterRegistry meters) {
        this(config, meters, Clock.systemUTC());
    }

    Delayed(Config config, MeterRegistry meters, Clock clock) {
        this.enabled = config.enabled();
        this.trusted = config.trusted();
        this.leastDelay = Duration.ofMillis(config.leastDelay());
        this.maxDelay = Duration.ofMillis(config.maxDelay());
        this.beyond = config.beyond();
        this.meters = meters;
        this.clock = clock;
        if (maxDelay.compareTo(leastDelay) < 0) {
            throw new IllegalArgumentException("maxDelay: less than leastDelay");
        }
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        if (!enabled || !submitted(tx.session())) {
            return Verdict.next();
        }
        // RFC 5322 3.6: one Date; with several nobody can tell which is meant, so nothing is waited for.
        Optional<Instant> date = message.headers().all("Date").size() == 1
                ? message.headers().first("Date").flatMap(field -> DateField.read(field.value()))
                : Optional.empty();
        Instant now = clock.instant();
        if (date.isEmpty() || date.get().isBefore(now.plus(leastDelay))) {
            return Verdict.next();
        }
        Instant latest = now.plus(maxDelay);
        return date.get().isAfter(latest) ? tooFar(tx, latest) : due(tx, date.get(), "delayed");
    }

    private boolean submitted(Session session) {
        return session.authenticated() || trusted && session.trusted();
    }

    private Verdict tooFar(Transaction tx, Instant latest) {
        return switch (beyond) {
            case "cap" -> due(tx, latest, "capped");
            case "send" -> {
                count("sent");
                yield Verdict.next().because("Date is beyond maxDelay");
            }
            default -> {
                count("refused");
                yield Verdict.reject("5.7.1", "Date is too far in the future").because("Date is beyond maxDelay");
            }
        };
    }

    private Verdict due(Transaction tx, Instant time, String outcome) {
        count(outcome);
        tx.edit(new Edit.Due(time));
        return Verdict.next().because("kept until " + time.truncatedTo(ChronoUnit.SECONDS));
    }

    private void count(String outcome) {
        meters.counter(METER, "outcome", outcome).increment();
    }
}
