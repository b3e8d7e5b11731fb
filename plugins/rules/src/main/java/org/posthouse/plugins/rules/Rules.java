// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Stage;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.service.SharedState;
import org.posthouse.conditions.Scene;

/** Asks rules of one line each at every stage of a session; the first that gives a verdict ends the stage's rules. */
@Hook(
        name = "rules",
        needs = {Need.PEER, Need.BODY, Need.EDIT_ROUTING})
@Component(configurationPid = "rules", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Rules.Config.class)
public final class Rules implements ConnectHook, HeloHook, MailHook, RcptHook, DataHook, HealthCheck {
    /** What the operator writes. */
    @ObjectClassDefinition(name = "Rules")
    @interface Config {
        @AttributeDefinition(
                description = "Rules, each in one line, asked in this order behind those that were added at run time.",
                required = false)
        String[] rules() default {};
    }

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Rulebook book;
    private final Refresher refresher;
    private final MeterRegistry meters;
    private final Clock clock;

    @Activate
    public Rules(@Reference SharedState state, @Reference MeterRegistry meters, Config config) {
        this(state, meters, config, Clock.systemUTC(), PAUSE);
    }

    /** Has read the shelf when it returns: no transaction is judged by half of the rules. */
    Rules(SharedState state, MeterRegistry meters, Config config, Clock clock, Duration pause) {
        this.clock = clock;
        this.meters = meters;
        this.book = new Rulebook(new Shelf(state, clock), ConfiguredRules.parse(config.rules()), clock);
        this.refresher = new Refresher(book::refresh, pause);
        refresher.start();
    }

    @Deactivate
    void stop() {
        refresher.close();
    }

    @Override
    public Verdict onConnect(Session session) {
        return ask(Stage.CONNECT, new Scene(session, null, null, null));
    }

    @Override
    public Verdict onHelo(Session session) {
        return ask(Stage.HELO, new Scene(session, null, null, null));
    }

    @Override
    public Verdict onMail(Transaction tx, Sender sender) {
        return ask(Stage.MAIL, new Scene(tx.session(), tx, null, null));
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        return ask(Stage.RCPT, new Scene(tx.session(), tx, recipient, null));
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        return ask(Stage.DATA, new Scene(tx.session(), tx, null, message));
    }

    private Verdict ask(Stage stage, Scene scene) {
        long now = clock.millis();
        for (LiveRule live : book.at(stage)) {
            if (!live.applies(scene, now)) {
                continue;
            }
            live.hit(now);
            meters.counter(
                            "posthouse.rules.hits",
                            "action",
                            live.rule().action().word())
                    .increment();
            Verdict verdict = act(live.rule(), scene.tx());
            if (verdict != null) {
                return verdict;
            }
        }
        return Verdict.next();
    }

    /** The verdict that ends the rules of the stage, or null when the next rule is asked. */
    private static @Nullable Verdict act(Rule rule, @Nullable Transaction tx) {
        return switch (rule.action()) {
            case Action.End end -> end.verdict().because(rule.reason());
            case Action.Score score -> {
                if (tx != null) {
                    tx.score(score.symbol(), score.points());
                }
                yield null;
            }
            case Action.Tag tag -> {
                if (tx != null) {
                    tx.edit(new Edit.Tag(tag.tag()));
                }
                yield null;
            }
        };
    }

    @Override
    public String name() {
        return "rules";
    }

    @Override
    public Finding check() {
        if (!refresher.trouble().isEmpty()) {
            return new Finding(
                    Level.WARN, "run-time rules can not be read, the last known count: " + refresher.trouble());
        }
        return book.unreadable().isEmpty()
                ? Finding.OK
                : new Finding(Level.WARN, "run-time rules of another version are not asked: " + book.unreadable());
    }
}
